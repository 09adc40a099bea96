import { Agent } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { killProcess } from './testing/kill-process.ts';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

let workers: TestWorkers;
let runner: TestRunner;

beforeAll(async () => {
  workers = await openTestWorkers();
  const id = await workers.create('steady');
  await workers.deploy(id, `export default { fetch: () => new Response('alive') };`);
});
afterAll(() => workers.close());

beforeEach(async () => {
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
  await runner.untilAnswers('steady', 'alive');
  return () => runner.stop();
});

const killSandbox = (): number => killProcess(runner.runner.sandboxPids.serving);

describe('kill -9 of the sandbox', () => {
  test('an idle keep-alive connection survives, and is answered by the next sandbox', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await runner.call('steady', { agent });
    await until(() => runner.runner.connections.busy === 0, { timeoutMs: 2_000, what: 'idle' });
    const pid = killSandbox();
    const after = await runner.call('steady', { agent });
    expect(after).toMatchObject({ status: 200, body: 'alive', localPort: before.localPort });
    expect(runner.runner.sandboxPids.serving).not.toBe(pid);
    agent.destroy();
  });

  test('a request in flight fails at once instead of hanging', async () => {
    const id = await workers.create('waiting');
    await workers.deploy(
      id,
      `export default { fetch() { console.log('begun'); return new Promise(() => setTimeout(() => {}, 60_000)); } };`,
    );
    const answer = runner.call('waiting').then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    await until(() => runner.hasLogged('begun'), { timeoutMs: 5_000, what: 'the request runs' });
    killSandbox();
    expect(await answer).toBe('ECONNRESET');
  });

  test('nobody is suspected when nothing was seen running', async () => {
    killSandbox();
    await runner.untilAnswers('steady', 'alive');
    const messages = runner.log.map(({ msg }) => msg);
    expect(messages).toContain('sandbox ended');
    expect(messages).not.toContain('worker moves to quarantine');
  });

  test('many connections under load: only requests in flight fail', async () => {
    const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    let isOver = false;
    let served = 0;
    const broken: string[] = [];
    const refused: number[] = [];
    const load = agents.map(async (agent) => {
      while (!isOver) {
        try {
          const { status } = await runner.call('steady', { agent });
          if (status === 200) served += 1;
          else refused.push(status);
        } catch (error) {
          broken.push(String(error));
        }
      }
      agent.destroy();
    });
    await until(() => served > 500, { timeoutMs: 10_000, what: 'load' });
    killSandbox();
    const atDeath = served;
    await until(() => served > atDeath + 500, { timeoutMs: 10_000, what: 'load again' });
    isOver = true;
    await Promise.all(load);
    expect(refused).toEqual([]);
    expect(broken.length).toBeLessThanOrEqual(agents.length);
  });

  test('again and again: the service comes back each time', async () => {
    for (let round = 0; round < 4; round += 1) {
      killSandbox();
      await runner.untilAnswers('steady', 'alive', 2_000);
    }
  });
});

test('a sandbox that hangs without dying is replaced', async () => {
  const pid = runner.runner.sandboxPids.serving;
  if (pid === undefined) expect.fail('no sandbox serves');
  process.kill(pid, 'SIGSTOP');
  await until(() => runner.runner.sandboxPids.serving !== pid, {
    timeoutMs: 20_000,
    what: 'another sandbox',
  });
  await runner.untilAnswers('steady', 'alive');
  expect(runner.log.map(({ msg }) => msg)).toContain('a sandbox gives no sign of life');
});
