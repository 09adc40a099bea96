import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { openSocket } from '../../testing/socket-client.ts';
import { startTestRunner, type TestRunner } from '../../testing/test-runner.ts';
import { openTestWorkers, type TestWorkers } from '../../testing/test-workers.ts';
import { until } from '../../testing/until.ts';

/* Workers in real isolates, a real runner, and a real origin that speaks WebSocket. */

let workers: TestWorkers;
let runner: TestRunner;
let http: Server;
let origin: WebSocketServer;
let port: number;
let count = 0;
/** The origin's ends of all connections. */
const connections: WebSocket[] = [];
const seenHeaders: Record<string, unknown>[] = [];

/** What the origin does, by path. */
const behaviours: Record<string, (socket: WebSocket) => void> = {
  '/echo': (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  '/close': (socket) => socket.close(4321, 'grüße'),
  '/vanish': (socket) => socket.terminate(),
  '/large': (socket) => socket.send('x'.repeat(1024 * 1024 + 1)),
  '/flood': (socket) => {
    for (let index = 0; index < 200; index += 1) socket.send(Buffer.alloc(64 * 1024));
    socket.close(1000);
  },
  '/deaf': (socket) => socket.pause(),
  // So few at a time that no answer has to wait.
  '/pings': (socket) => {
    const timer = setInterval(() => {
      for (let index = 0; index < 10; index += 1) socket.ping();
    }, 2);
    socket.on('close', () => clearInterval(timer));
  },
  '/torrent': (socket) => {
    for (let index = 0; index < 1_000; index += 1) socket.send(Buffer.alloc(64 * 1024));
  },
};

beforeAll(async () => {
  http = createServer((_request, response) =>
    response.writeHead(403, { 'x-why': 'no' }).end('no sockets'),
  );
  origin = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('two') ? 'two' : false),
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    seenHeaders.push(request.headers);
    if (request.url === '/refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nx-why: no\r\ncontent-length: 10\r\n\r\nno sockets');
      return;
    }
    if (request.url === '/garbage') {
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n',
      );
      return;
    }
    origin.handleUpgrade(request, socket, head, (connection) => {
      connections.push(connection);
      connection.on('error', () => undefined);
      behaviours[request.url ?? '']?.(connection);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  ({ port } = http.address() as AddressInfo);
  workers = await openTestWorkers();
  runner = await startTestRunner({
    databaseUrl: workers.test.roles.runner,
    config: { internalPort: 0, egressAllow: ['127.0.0.1'] },
  });
});

afterAll(async () => {
  await runner.stop();
  for (const connection of connections) connection.terminate();
  http.close();
  await workers.close();
});

async function deploy(body: string): Promise<string> {
  count += 1;
  const name = `socketeer-${count}`;
  const id = await workers.create(name);
  // Megabytes pass through some of these workers, and a crowded machine needs twice the time for it.
  await workers.setCpuLimit(id, 10_000);
  await workers.deploy(
    id,
    `const ws = 'ws://127.0.0.1:${port}', origin = 'http://127.0.0.1:${port}';
     const failure = (error) => error.name + ': ' + error.message;
     /** Everything a socket says, until it is closed. */
     const story = (socket, start = () => {}) => new Promise((resolve) => {
       const seen = [];
       socket.addEventListener('open', () => { seen.push('open'); start(socket, seen); });
       socket.addEventListener('message', ({ data }) => seen.push(typeof data === 'string' ? data.slice(0, 20) : data.constructor.name));
       socket.addEventListener('error', (e) => seen.push('error ' + e.message));
       socket.addEventListener('close', (e) => { seen.push('close ' + [e.code, e.reason, e.wasClean]); resolve(seen); });
     });
     export default { async fetch(request, env, ctx) { ${body} } };`,
  );
  return name;
}

/** Sends a request whose answer nobody waits for. */
function openRequest(to: number, worker: string): Socket {
  const socket = connect(to, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET / HTTP/1.1\r\nhost: ${worker}.localhost\r\n\r\n`);
  return socket;
}

/** Runs the body of an async function in a worker and gives what it returned. */
async function run(body: string): Promise<unknown> {
  const name = await deploy(`
    const result = await (async () => { ${body} })();
    return Response.json(result === undefined ? null : result);`);
  const answer = await runner.call(name);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  return JSON.parse(answer.body);
}

describe('new WebSocket', () => {
  test('sends and receives, and closes with code and reason', async () => {
    const seen = await run(`
      const socket = new WebSocket(ws + '/echo');
      const before = [socket.readyState, socket.url, socket.binaryType, socket.protocol, socket.extensions];
      const seen = await story(socket, () => {
        socket.send('text é'); socket.send(new Uint8Array([1, 2])); socket.send('x'.repeat(500_000)); socket.close(3001, 'done');
      });
      return [before, seen, socket.readyState];`);
    expect(seen).toEqual([
      [0, `ws://127.0.0.1:${port}/echo`, 'blob', '', ''],
      ['open', 'close 3001,done,true'],
      3,
    ]);
    const echoed = await run(`
      const socket = new WebSocket(ws + '/echo');
      socket.binaryType = 'arraybuffer';
      const seen = await story(socket, () => {
        socket.send('text é'); socket.send(new Uint8Array([1, 2])); socket.send('x'.repeat(500_000)); socket.send('');
        let count = 0;
        socket.addEventListener('message', () => { count += 1; if (count === 4) socket.close(); });
      });
      return seen;`);
    expect(echoed).toEqual([
      'open',
      'text é',
      'ArrayBuffer',
      'x'.repeat(20),
      '',
      'close 1005,,true',
    ]);
  });

  test.each([
    ['/close', ['open', 'close 4321,grüße,true']],
    ['/vanish', ['open', 'close 1006,,false']],
    ['/large', ['open', 'error The connection broke off', 'close 1006,,false']],
    ['/refuse', ['error the origin did not switch to the WebSocket protocol', 'close 1006,,false']],
    [
      '/garbage',
      ['error the origin did not complete the WebSocket handshake', 'close 1006,,false'],
    ],
    ['/pings', ['open', 'close 1006,,false']],
  ])('tells what the origin does: %s', async (path, expected) => {
    expect(await run(`return story(new WebSocket(ws + '${path}'));`)).toEqual(expected);
  });

  test('agrees on a subprotocol, and on none that was not asked for', async () => {
    expect(
      await run(`const socket = new WebSocket(ws + '/echo', ['one', 'two']);
        await story(socket, () => socket.close(1000)); return socket.protocol;`),
    ).toBe('two');
    expect(await run(`return story(new WebSocket(ws + '/echo', 'three'));`)).toEqual([
      'error the origin did not complete the WebSocket handshake',
      'close 1006,,false',
    ]);
  });

  test.each([
    [`new WebSocket('')`, 'SyntaxError'],
    [`new WebSocket('ftp://a.test')`, 'SyntaxError'],
    [`new WebSocket('ws://a.test/#x')`, 'SyntaxError'],
    [`new WebSocket('ws://a.test', ['a', 'A'])`, 'SyntaxError'],
    [`new WebSocket('ws://a.test', 'a b')`, 'SyntaxError'],
    [`new WebSocket('ws://a.test', [''])`, 'SyntaxError'],
    [`new WebSocket()`, 'TypeError'],
    [`new WebSocket(origin + '/echo').send('x')`, 'InvalidStateError'],
    [`new WebSocket(origin + '/echo').close(1001)`, 'InvalidAccessError'],
    [`new WebSocket(origin + '/echo').close(2999)`, 'InvalidAccessError'],
    [`new WebSocket(origin + '/echo').close(3000, 'x'.repeat(124))`, 'SyntaxError'],
    [`new WebSocket(origin + '/echo').accept()`, 'TypeError'],
  ])('%s throws %s', async (code, name) => {
    expect(await run(`try { ${code}; return 'fine'; } catch (error) { return error.name; }`)).toBe(
      name,
    );
  });

  test('closed while it connects fails', async () => {
    expect(
      await run(
        `const socket = new WebSocket(ws + '/echo'); const told = story(socket); socket.close(); return [socket.readyState, await told];`,
      ),
    ).toEqual([2, ['error The connection broke off', 'close 1006,,false']]);
  });

  test('reaches nothing that is not allowed', async () => {
    for (const url of [
      'ws://127.0.0.2:1',
      'ws://[::1]:1',
      'ws://10.0.0.1',
      'ws://169.254.169.254',
    ]) {
      const seen = await run(`return story(new WebSocket('${url}'));`);
      expect(seen).toEqual([
        expect.stringMatching(/^error .* is not on the public network$/),
        'close 1006,,false',
      ]);
    }
    // The platform's own port, though its address is open.
    expect(await run(`return story(new WebSocket('ws://127.0.0.1:${runner.port}'));`)).toEqual([
      expect.stringMatching(/^error /),
      'close 1006,,false',
    ]);
  });

  test('tells the origin nothing of the platform', async () => {
    await run(`await story(new WebSocket(ws + '/close'));`);
    expect(Object.keys(seenHeaders.at(-1) ?? {}).toSorted()).toEqual([
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-version',
      'upgrade',
      'user-agent',
    ]);
  });

  test('a flood from the origin waits for the worker', async () => {
    const result = await run(`
      const socket = new WebSocket(ws + '/flood');
      let bytes = 0;
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('message', ({ data }) => { bytes += data.byteLength; });
      const seen = await story(socket);
      return [bytes, seen.at(-1)];`);
    expect(result).toEqual([200 * 64 * 1024, 'close 1000,,true']);
  });

  test('what the worker does not take stays with the origin', async () => {
    const before = connections.length;
    const name = await deploy(`
      const { webSocket } = await fetch(origin + '/torrent', { headers: { upgrade: 'websocket' } });
      if (webSocket === null) throw new Error('no socket');
      console.log('connected');
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      return new Response('gone');`);
    const client = openRequest(runner.port, name);
    await until(() => connections.length > before, { timeoutMs: 10_000, what: 'the connection' });
    let last = -1;
    let stillFor = 0;
    await until(
      () => {
        const now = connections.at(-1)?.bufferedAmount ?? 0;
        stillFor = now === last && runner.hasLogged('connected') ? stillFor + 1 : 0;
        last = now;
        return stillFor === 200;
      },
      { timeoutMs: 30_000, what: 'the torrent to come to rest' },
    );
    client.destroy();
    // Of 64 MB: what fits into windows and the kernel's buffers has left, and no more.
    expect(last).toBeGreaterThan(32_000_000);
  });

  test('what the origin does not read waits in the isolate, and bufferedAmount says so', async () => {
    const name = await deploy(`
      const socket = new WebSocket(ws + '/deaf');
      await new Promise((resolve) => { socket.onopen = resolve; });
      for (let i = 0; i < 20; i += 1) socket.send(new Uint8Array(1_000_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
      return new Response(String(socket.bufferedAmount));`);
    const amount = Number((await runner.call(name)).body);
    expect(amount).toBeGreaterThan(5_000_000);
    expect(amount).toBeLessThan(20_000_000);
  });

  test('a message over the limit breaks only that connection', async () => {
    const seen = await run(`
      const sound = new WebSocket(ws + '/echo');
      await new Promise((resolve) => { sound.onopen = resolve; });
      const texts = ['x'.repeat(1024 * 1024 + 1), '€'.repeat(400_000), new Uint8Array(1024 * 1024 + 1)];
      const stories = [];
      for (const text of texts) stories.push(await story(new WebSocket(ws + '/echo'), (socket) => socket.send(text)));
      const largest = await new Promise((resolve) => {
        sound.onmessage = ({ data }) => resolve(data.length);
        sound.send('y'.repeat(1024 * 1024));
      });
      return [stories, largest];`);
    const broken = ['open', 'error a message is larger than 1048576 bytes', 'close 1006,,false'];
    expect(seen).toEqual([[broken, broken, broken], 1024 * 1024]);
  });

  test('ends with the event that opened it', async () => {
    const before = connections.length;
    await run(
      `const socket = new WebSocket(ws + '/echo'); await new Promise((resolve) => { socket.onopen = resolve; });`,
    );
    expect(connections.length).toBe(before + 1);
    await until(() => connections.at(-1)?.readyState === 3, { timeoutMs: 5_000, what: 'the end' });
  });

  test('is not to be had in module scope', async () => {
    const name = await deploy(`return new Response(globalThis.said); } };
      try { new WebSocket('ws://127.0.0.1'); } catch (error) { globalThis.said = failure(error); }
      const unused = { x() {`);
    expect((await runner.call(name)).body).toContain('not in module scope');
  });
});

describe('fetch with Upgrade: websocket', () => {
  test('gives a socket that delivers after accept', async () => {
    expect(
      await run(`
        const response = await fetch(origin + '/echo', { headers: { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'one, two', 'x-mine': 'yes' } });
        const { webSocket } = response;
        const refused = (() => { try { webSocket.send('early'); } catch (error) { return error.name; } })();
        webSocket.accept();
        webSocket.send('hello'); webSocket.send(new Uint8Array(3));
        let count = 0;
        webSocket.addEventListener('message', () => { count += 1; if (count === 2) webSocket.close(1001, 'bye'); });
        const seen = await story(webSocket);
        return [response.status, response.headers.get('upgrade'), webSocket.protocol, refused, seen];`),
    ).toEqual([
      101,
      'websocket',
      'two',
      'TypeError',
      ['hello', 'ArrayBuffer', 'close 1001,bye,true'],
    ]);
    expect(seenHeaders.at(-1)).toMatchObject({ 'x-mine': 'yes' });
  });

  test('gives the ordinary response of an origin that refuses', async () => {
    expect(
      await run(`const response = await fetch(origin + '/refuse', { headers: { upgrade: 'websocket' } });
        return [response.status, response.headers.get('x-why'), response.webSocket, await response.text()];`),
    ).toEqual([403, 'no', null, 'no sockets']);
  });

  test('rejects when there is no connection', async () => {
    expect(
      await run(
        `return fetch('http://127.0.0.1:1/', { headers: { upgrade: 'websocket' } }).catch(failure);`,
      ),
    ).toBe('TypeError: fetch failed: the origin refuses the connection');
  });

  test('can be returned to the client: both sides talk through', async () => {
    const name = await deploy(`return fetch(origin + '/echo', request);`);
    const client = await openSocket(runner.port, name);
    client.socket.send('through');
    client.socket.send('y'.repeat(800_000));
    const messages = await client.hears(2);
    expect([messages[0], messages[1]?.length]).toEqual(['through', 800_000]);
    client.socket.close(4000, 'over');
    expect(await client.hearsEnd()).toBe('4000 over');
    await until(() => connections.at(-1)?.readyState === 3, { timeoutMs: 5_000, what: 'the end' });
  });
});
