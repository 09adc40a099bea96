import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WorkerLimits } from '@openworkers/core/limits';
import { until } from '../testing/until.ts';
import { SocketFront } from './testing/socket-front.ts';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const slow = 60_000;

function accepting(code: string, before = ''): string {
  return `${before}; export default { fetch(request, env, ctx) {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    ${code}
    return new Response(null, { status: 101, webSocket: client });
  } }`;
}

const burn = `const burn = (ms) => { const until = Date.now() + ms; while (Date.now() < until) for (let i = 0; i < 1000; i += 1) Math.sqrt(i); };`;

const workers = {
  echo: accepting(`server.addEventListener('message', ({ data }) => server.send(data));
    server.addEventListener('close', (e) => console.log('closed', e.code, e.reason));`),
  burner: accepting(
    `server.addEventListener('message', ({ data }) => { burn(Number(data)); server.send('burnt'); });`,
    burn,
  ),
  spinner: accepting(
    `server.addEventListener('message', ({ data }) => { if (data === 'spin') for (;;); server.send(data); });`,
  ),
  timers: accepting(
    `server.addEventListener('message', () => { setInterval(() => { burn(15); server.send('tick'); }, 1); });`,
    burn,
  ),
  thrower: accepting(
    `server.addEventListener('message', () => { throw new Error('in a message'); });`,
  ),
  slowpoke: accepting(
    `let count = 0; server.addEventListener('message', () => { count += 1; burn(5); server.send(String(count)); });`,
    burn,
  ),
  deaf: `export default { fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    globalThis.keep = server;
    return new Response(null, { status: 101, webSocket: client });
  } }`,
  gusher: accepting(`
    server.addEventListener('error', () => console.log('error', server.bufferedAmount > 8 * 1024 * 1024));
    server.addEventListener('close', (e) => console.log('closed', e.code, e.wasClean));
    server.addEventListener('message', ({ data }) => {
      const [count, size] = JSON.parse(data);
      for (let i = 0; i < count; i += 1) server.send(new Uint8Array(size));
    });`),
  filler: accepting(`
    server.addEventListener('close', (e) => console.log('closed', e.code, e.wasClean));
    server.addEventListener('message', async () => {
      while (server.readyState === 1) {
        if (server.bufferedAmount < 6 * 1024 * 1024) server.send(new Uint8Array(1024 * 1024));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });`),
  polite: accepting(`
    server.addEventListener('message', async ({ data }) => {
      const [count, size] = JSON.parse(data);
      for (let i = 0; i < count; i += 1) {
        while (server.bufferedAmount > 256 * 1024) await new Promise((resolve) => setTimeout(resolve, 1));
        server.send(new Uint8Array(size));
      }
      server.close(1000, 'done');
    });`),
  oversize:
    accepting(`server.addEventListener('message', () => server.send('x'.repeat(1024 * 1024 + 1)));
    server.addEventListener('close', (e) => console.log('closed', e.code));`),
  unasked: `export default { fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    return new Response(null, { status: 101, webSocket: client, headers: { 'content-type': 'text/plain' } });
  } }`,
  room: accepting(
    `room.add(server); server.addEventListener('message', ({ data }) => { for (const other of room) other.send(data); });
    server.addEventListener('close', () => room.delete(server));`,
    'const room = new Set()',
  ),
};

let runtimeScript: string;
let engine: TestEngine;
let front: SocketFront;

beforeAll(() => {
  runtimeScript = bundleTestRuntime();
});
afterEach(() => {
  front.stop();
  engine.dispose();
});

async function start(limits: Partial<WorkerLimits> = {}): Promise<void> {
  engine = new TestEngine({ runtimeScript, workers: { ...workers }, limits });
  front = await SocketFront.start(engine);
}

function logged(message: string): Promise<void> {
  return until(
    () => engine.logs.some((record) => record.message === message),
    () =>
      `the log line ${message}; there were ${engine.logs.map((record) => record.message).join(', ')}`,
  );
}

describe('CPU time of a WebSocket', () => {
  test('is limited for each message, not for all together', { timeout: slow }, async () => {
    await start({ cpuMs: 100 });
    const client = await front.connect('burner').open();
    for (let count = 1; count <= 12; count += 1) {
      client.socket.send('25');
      await client.hears(count);
    }
    client.socket.close(1000);
    await client.hearsEnd();
    await until(
      () => front.answers.length === 1,
      () => 'the outcome',
    );
    expect(front.answers[0]?.outcome.outcome).toBe('ok');
  });

  test(
    'over its limit ends the isolate: its sockets are closed with 1012, others go on',
    { timeout: slow },
    async () => {
      await start();
      const culprit = await front.connect('spinner').open();
      const bystander = await front.connect('spinner').open();
      const neighbour = await front.connect('echo').open();
      culprit.socket.send('spin');
      expect(await culprit.hearsEnd()).toBe('1012 CpuTimeLimit');
      expect(await bystander.hearsEnd()).toBe('1012 Retired');
      neighbour.socket.send('still here');
      expect(await neighbour.hears(1)).toEqual(['still here']);
      expect(front.answers.map(({ outcome }) => outcome.outcome).toSorted()).toEqual([
        'CpuTimeLimit',
        'Retired',
      ]);
      const again = await front.connect('spinner').open();
      again.socket.send('hello');
      expect(await again.hears(1)).toEqual(['hello']);
    },
  );

  test(
    'is not for ever to be had by timers that one message started',
    { timeout: slow },
    async () => {
      await start();
      const client = await front.connect('timers').open();
      client.socket.send('go');
      expect(await client.hearsEnd()).toBe('1012 CpuTimeLimit');
      // 15 ms each; those before the end used up one allowance.
      expect(client.messages.length).toBeLessThan(30);
    },
  );
});

describe('a WebSocket', () => {
  test('is not harmed by an exception in a listener', { timeout: slow }, async () => {
    await start();
    const client = await front.connect('thrower').open();
    client.socket.send('x');
    await logged('Error: in a message');
    client.socket.send('y');
    await until(
      () => engine.logs.length === 2,
      () => 'the second exception',
    );
    expect(client.ending).toBeUndefined();
  });

  test(
    'outlives the version that is replaced, whose isolate then goes',
    { timeout: slow },
    async () => {
      await start();
      const client = await front.connect('echo').open();
      engine.workers['echo'] = accepting(
        `server.addEventListener('message', () => server.send('new version'));`,
      );
      engine.engine.retireWorker('echo');
      const late = await front.connect('echo').open();
      for (const each of [client, late]) each.socket.send('old version');
      expect(await client.hears(1)).toEqual(['old version']);
      expect(await late.hears(1)).toEqual(['new version']);
      expect(engine.engine.activeEvents).toBe(2);
      client.socket.close();
      await until(
        () => engine.engine.activeEvents === 1,
        () => 'the end of the old event',
      );
    },
  );

  test(
    'is closed with 1012 when the process drains, and the worker hears it',
    { timeout: slow },
    async () => {
      await start();
      const client = await front.connect('echo').open();
      engine.engine.drain();
      expect(await client.hearsEnd()).toBe('1012 restart');
      await logged('closed 1012 restart');
      await until(
        () => engine.engine.activeEvents === 0,
        () => 'the end of the event',
      );
    },
  );

  test('is closed with 1012 when its isolate is disposed', { timeout: slow }, async () => {
    await start();
    const client = await front.connect('echo').open();
    engine.engine.dispose();
    expect(await client.hearsEnd()).toBe('1012 Retired');
  });

  test('is closed when nothing was sent for long, and not before', { timeout: slow }, async () => {
    await start({ idleMs: 1_000 });
    const client = await front.connect('echo').open();
    const quiet = await front.connect('echo').open();
    const timer = setInterval(() => client.socket.ping(), 100);
    expect(await quiet.hearsEnd()).toBe('1001 nothing was sent for too long');
    await logged('closed 1001 nothing was sent for too long');
    clearInterval(timer);
    expect(client.ending).toBeUndefined();
    expect(await client.hearsEnd()).toMatch(/^1001 /);
    await until(
      () => engine.engine.activeEvents === 0,
      () => 'the end of the events',
    );
  });

  test('counts towards the open streams of its worker', { timeout: slow }, async () => {
    await start({ openStreams: 2 });
    await front.connect('echo').open();
    const second = await front.connect('echo').open();
    const third = front.connect('echo');
    expect(await third.hearsEnd()).toBe('refused');
    expect(front.answers[0]?.failure).toBe('Busy');
    second.socket.close();
    await until(
      () => engine.engine.activeEvents === 1,
      () => 'room',
    );
    await front.connect('echo').open();
  });

  test('cannot be forced on a request that did not ask for one', { timeout: slow }, async () => {
    await start();
    const answer = await engine.fetch('unasked');
    expect(answer.failure).toBe('Exception');
    expect(engine.logs[0]?.message).toContain('did not ask for a WebSocket');
  });

  test('carries messages between the sockets of one isolate', { timeout: slow }, async () => {
    await start();
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => front.connect('room').open()),
    );
    clients[0]?.socket.send('to all');
    for (const client of clients) expect(await client.hears(1)).toEqual(['to all']);
  });
});

describe('what waits', () => {
  test(
    'for a busy worker keeps the client waiting, and nothing is lost',
    { timeout: slow },
    async () => {
      await start({ cpuMs: 60_000 });
      const client = await front.connect('slowpoke').open();
      for (let index = 0; index < 200; index += 1) client.socket.send(Buffer.alloc(64 * 1024));
      await client.hears(1);
      const [connection] = front.connections;
      // 12.8 MB were sent; the process has taken in what it may hold, and no more.
      expect(connection?.bytesRead).toBeLessThan(4 * 1024 * 1024);
      await client.hears(200);
      expect(client.messages.at(-1)).toBe('200');
    },
  );

  test('for a worker that never accepts is little', { timeout: slow }, async () => {
    await start();
    const client = await front.connect('deaf').open();
    for (let index = 0; index < 100; index += 1) client.socket.send(Buffer.alloc(64 * 1024));
    const [connection] = front.connections;
    let before = -1;
    await until(
      () => {
        const isStill = connection !== undefined && connection.bytesRead === before;
        before = connection?.bytesRead ?? 0;
        return isStill;
      },
      () => 'the connection to come to rest',
    );
    expect(before).toBeLessThan(1024 * 1024);
  });

  test(
    'for a client that does not read breaks the connection off at the limit',
    { timeout: slow },
    async () => {
      await start({ cpuMs: 60_000 });
      const client = await front.connect('gusher').open();
      client.socket.pause();
      client.socket.send('[20, 1048576]');
      await logged('error true');
      await logged('closed 1006 false');
      await until(
        () => engine.engine.activeEvents === 0,
        () => 'the end of the event',
      );
    },
  );

  test('never grows when the worker looks at bufferedAmount', { timeout: slow }, async () => {
    await start({ cpuMs: 60_000 });
    const client = await front.connect('polite').open();
    client.socket.send('[160, 262144]');
    expect(await client.hearsEnd()).toBe('1000 done');
    expect(client.messages).toHaveLength(160);
  });

  test('of all sockets of an isolate has a limit, too', { timeout: slow }, async () => {
    await start({ cpuMs: 60_000 });
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => front.connect('filler').open()),
    );
    for (const client of clients) {
      client.socket.pause();
      client.socket.send('fill');
    }
    // Each keeps 6 MiB waiting, however much the kernel takes: within the limit of each.
    await logged('closed 1006 false');
    const little = await front.connect('echo').open();
    little.socket.send('x'.repeat(1_000_000));
    await little.hears(1);
  });

  test(
    'a message of the worker over the limit closes the connection with 1009',
    { timeout: slow },
    async () => {
      await start();
      const client = await front.connect('oversize').open();
      client.socket.send('go');
      expect(await client.hearsEnd()).toBe('1009 the message is too large');
      await logged('closed 1009');
    },
  );
});

test('1 000 sockets of one worker are served', { timeout: slow }, async () => {
  await start();
  const clients = [];
  for (let round = 0; round < 20; round += 1) {
    const some = Array.from({ length: 50 }, () => front.connect('echo'));
    clients.push(...(await Promise.all(some.map((client) => client.open()))));
  }
  for (const [index, client] of clients.entries()) client.socket.send(`hello ${index}`);
  for (const [index, client] of clients.entries())
    expect(await client.hears(1)).toEqual([`hello ${index}`]);
  for (const client of clients) client.socket.terminate();
  await until(
    () => engine.engine.activeEvents === 0,
    () => 'the end of all events',
  );
});
