import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, startLoad, until } from './testing/http-client.ts';
import { startPlatform, startPlatformIn, type Platform } from './testing/platform.ts';
import { descendantsOf, descendantsRunning, isAlive } from './testing/processes.ts';

/** Printed, not asserted: a crowded machine is no fault of the platform. */
function report(what: string, ms: number): void {
  console.log(`${what} ${Math.round(ms)} ms`);
}

const source = `export default { fetch: () => new Response('alive') };`;

describe('kill -9', () => {
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform();
    await platform.deploy('steady', source);
    await untilServing();
  });
  afterAll(() => platform.dispose());

  const target = () => ({ port: platform.port, host: 'steady.localhost', timeoutMs: 5_000 });
  const untilServing = (timeoutMs = 10_000): Promise<number> =>
    until(
      async () => (await call(target()).catch(() => undefined))?.status === 200,
      timeoutMs,
      'a 200 from the worker',
    );
  const pidsOf = (text: string): number[] => {
    const pids = descendantsRunning(platform.process.pid ?? 0, text);
    expect(pids.length, `processes running ${text}`).toBeGreaterThan(0);
    return pids;
  };

  test('of the sandbox: idle keep-alive connections survive, service is back', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await call({ ...target(), agent });
    expect(before.status).toBe(200);
    // A connection counts as idle when nothing came for 10 ms: until then a request may be on its way.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const pid of pidsOf('sandbox/src/main.ts')) process.kill(pid, 'SIGKILL');
    const answer = await call({ ...target(), agent });
    expect(answer).toMatchObject({ status: 200, body: 'alive' });
    report('sandbox killed, idle connection answered after', answer.ms);
    expect(answer.localPort).toBe(before.localPort);
    agent.destroy();
  });

  test('of the sandbox under load: only requests in flight fail', async () => {
    const stop = startLoad(target(), { connections: 8, keepAlive: true });
    for (const pid of pidsOf('sandbox/src/main.ts')) process.kill(pid, 'SIGKILL');
    report('sandbox killed under load, back after', await untilServing());
    const load = await stop();
    expect([...load.refused.keys()]).toEqual([]);
    // At most one request per connection was in flight when the process died.
    expect(load.broken.length).toBeLessThanOrEqual(8);
  });

  test('of the runner: service is back', async () => {
    const killed = [...pidsOf('runner/src/main.ts'), ...pidsOf('sandbox/src/main.ts')];
    const startedAt = performance.now();
    for (const pid of pidsOf('runner/src/main.ts')) process.kill(pid, 'SIGKILL');
    // The orphaned sandbox may answer what it already holds: that is not the service being back.
    await until(() => killed.every((pid) => !isAlive(pid)), 2_000, 'the sandbox ended as well');
    await untilServing();
    report('runner killed, back after', performance.now() - startedAt);
  });

  test('of PostgreSQL: cached workers keep serving, deploys work again within 10 s', async () => {
    const stop = startLoad(target(), { connections: 2, keepAlive: true });
    for (const pid of pidsOf('postgres')) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    const ms = await until(
      async () => (await platform.ow('workers', 'list')).code === 0,
      10_000,
      'the database is back',
    );
    report('PostgreSQL killed, back after', ms);
    const load = await stop();
    expect({ refused: [...load.refused], broken: load.broken }).toEqual({
      refused: [],
      broken: [],
    });
    await platform.deploy('steady', source);
  });

  test('of ow start: all children end within 5 s, the next start works, no deploy is lost', async () => {
    await platform.deploy('kept', `export default { fetch: () => new Response('kept') };`);
    const children = descendantsOf(platform.process.pid ?? 0).map(({ pid }) => pid);
    expect(children.length).toBeGreaterThanOrEqual(3);
    platform.process.kill('SIGKILL');
    await until(() => children.every((pid) => !isAlive(pid)), 5_000, 'all children ended');
    platform = await startPlatformIn(platform.folder, platform.env);
    const answer = await call({ port: platform.port, host: 'kept.localhost' });
    expect(answer).toMatchObject({ status: 200, body: 'kept' });
  });
});
