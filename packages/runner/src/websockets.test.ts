import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { killProcess } from './testing/kill-process.ts';
import { openSocket } from './testing/socket-client.ts';
import { startTestRunner, type TestRunner } from './testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from './testing/test-workers.ts';
import { until } from './testing/until.ts';

/** Answers with a version, spins on request, and says what became of its sockets. */
function code(version: string): string {
  return `export default { async fetch(request) {
    if (request.url.endsWith('/spin')) { console.log('spinning'); await 1; for (let i = 0; i < 1e12; i++); }
    if (request.headers.get('upgrade') !== 'websocket') return new Response('${version}');
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', ({ data }) => {
      if (data === 'fill') for (let i = 0; i < 6; i += 1) server.send('x'.repeat(1024 * 1024));
      else server.send(data === 'version' ? '${version}' : data);
    });
    server.addEventListener('close', (e) => console.log('closed ' + e.code));
    return new Response(null, { status: 101, webSocket: client });
  } };`;
}

let workers: TestWorkers;
let runner: TestRunner;
let workerId: string;

beforeAll(async () => {
  workers = await openTestWorkers();
  workerId = await workers.create('sockets');
  await workers.setCpuLimit(workerId, 600_000);
  const id = await workers.create('neighbour');
  await workers.deploy(id, `export default { fetch: () => new Response('neighbour') };`);
});
afterAll(() => workers.close());

beforeEach(async () => {
  await workers.deploy(workerId, code('one'));
  runner = await startTestRunner({ databaseUrl: workers.test.roles.runner });
  await runner.untilAnswers('sockets', 'one');
  return () => runner.stop();
});

const open = (): ReturnType<typeof openSocket> => openSocket(runner.port, 'sockets');

describe('a WebSocket', () => {
  test('stays with its version while the next one serves', async () => {
    const before = await open();
    await workers.deploy(workerId, code('two'));
    await runner.untilAnswers('sockets', 'two');
    const after = await open();
    for (const { socket } of [before, after]) socket.send('version');
    expect(await before.hears(1)).toEqual(['one']);
    expect(await after.hears(1)).toEqual(['two']);
  });

  test('ends at once when its sandbox dies', async () => {
    const client = await open();
    killProcess(runner.runner.sandboxPids.serving);
    expect(await client.hearsEnd()).toBe('1006 ');
    await runner.untilAnswers('sockets', 'one');
  });

  test('is closed with 1012 when the runner stops', async () => {
    const client = await open();
    await runner.runner.stop(10_000);
    expect(await client.hearsEnd()).toBe('1012 restart');
  });
});

describe('a WebSocket of a worker in quarantine', () => {
  beforeEach(async () => {
    const request = runner.call('sockets', { path: '/spin' }).catch(() => undefined);
    await until(() => runner.isRunning('sockets'), {
      timeoutMs: 10_000,
      what: 'it is seen running',
    });
    killProcess(runner.runner.sandboxPids.serving);
    await request;
    await runner.untilAnswers('neighbour', 'neighbour');
    await runner.untilAnswers('sockets', 'one');
    expect(runner.runner.sandboxPids.quarantine).toHaveLength(1);
  });

  test('works across both sandboxes, and closes with its code', async () => {
    const client = await open();
    client.socket.send('hello');
    client.socket.send('x'.repeat(1_000_000));
    client.socket.send('');
    const messages = await client.hears(3);
    expect(messages.map((message) => message.slice(0, 5))).toEqual(['hello', 'xxxxx', '']);
    expect(messages[1]).toHaveLength(1_000_000);
    client.socket.close(4001, 'bye');
    expect(await client.hearsEnd()).toBe('4001 bye');
    await until(() => runner.hasLogged('closed 4001'), { timeoutMs: 5_000, what: 'the close' });
  });

  test('waits for a client that does not read, and loses nothing', async () => {
    const client = await open();
    client.socket.pause();
    client.socket.send('fill');
    await runner.untilAnswers('neighbour', 'neighbour');
    client.socket.resume();
    expect((await client.hears(6)).map(({ length }) => length)).toEqual(Array(6).fill(1024 * 1024));
  });

  test('hears that its client has vanished', async () => {
    const client = await open();
    client.socket.terminate();
    await until(() => runner.hasLogged('closed 1006'), { timeoutMs: 5_000, what: 'the close' });
  });

  test('ends at once when its sandbox dies', async () => {
    const client = await open();
    killProcess(runner.runner.sandboxPids.quarantine[0]);
    expect(await client.hearsEnd()).toBe('1006 ');
  });

  test('is closed with 1012 when the runner stops', async () => {
    const client = await open();
    await runner.runner.stop(10_000);
    expect(await client.hearsEnd()).toBe('1012 restart');
  });
});
