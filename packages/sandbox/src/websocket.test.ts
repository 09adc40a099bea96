import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundleTestRuntime } from './engine/testing/test-engine.ts';
import { ProcessPeer } from './testing/process-peer.ts';
import { RawClient } from './testing/raw-client.ts';
import {
  closeCodeIn,
  encodeFrame,
  openRawSocket,
  upgradeRequest,
  type RawFrame,
} from './testing/raw-socket.ts';
import { SocketClient } from './testing/socket-client.ts';
import { until } from './testing/until.ts';

/** Starting a process takes half a second of CPU, and this machine may be busy. */
const slow = 120_000;

/** A worker that accepts every WebSocket and then does what the code says. */
function accepting(code: string): string {
  return `export default { fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('plain');
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    ${code}
    return new Response(null, { status: 101, webSocket: client });
  } }`;
}

const workers = {
  echo: accepting(`
    server.addEventListener('message', ({ data }) => server.send(data));
    server.addEventListener('close', (e) => console.log('closed', e.code, e.reason, e.wasClean));
    server.addEventListener('error', (e) => console.log('error'));
  `),
  headers: `export default { fetch(request) {
    const [client] = Object.values(new WebSocketPair());
    return new Response(null, { status: 101, webSocket: client, headers: [
      ['set-cookie', 'a=1; Domain=localhost'], ['sec-websocket-protocol', 'two'],
      ['sec-websocket-extensions', 'permessage-deflate'], ['sec-websocket-accept', 'mine'], ['connection', 'close'],
      ['x-seen', [...request.headers.keys()].filter((name) => /upgrade|connection/.test(name)).join()],
    ] });
  } }`,
  refusing: `export default { fetch: () => new Response('no sockets here', { status: 403 }) }`,
  streaming: `export default { fetch: () => new Response(new ReadableStream({
    pull(c) { this.n = (this.n ?? 0) + 1; if (this.n > 3) c.close(); else c.enqueue(new TextEncoder().encode('part' + this.n)); },
  })) }`,
  throwing: `export default { fetch() { throw new Error('no'); } }`,
  late: `export default { async fetch() {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(data));
    return new Response(null, { status: 101, webSocket: client });
  } }`,
  closer: accepting(`
    server.addEventListener('message', ({ data }) => { const [code, reason] = JSON.parse(data); server.close(code, reason); });
    server.addEventListener('close', (e) => console.log('closer', e.code, e.reason, e.wasClean));
  `),
};

let peer: ProcessPeer;
let port: number;
const clients: (SocketClient | RawClient)[] = [];

beforeAll(async () => {
  peer = new ProcessPeer({ script: bundleTestRuntime(), workers });
  port = await peer.start();
}, slow);
afterAll(() => peer.stop());
afterEach(() => {
  for (const client of clients.splice(0)) {
    if (client instanceof RawClient) client.close();
    else client.socket.terminate();
  }
});

function connect(
  name: string,
  options: ConstructorParameters<typeof SocketClient>[2] = {},
): SocketClient {
  const client = new SocketClient(port, `${name}.localhost`, options);
  clients.push(client);
  return client;
}

async function connectRaw(name: string): Promise<RawClient> {
  const client = await openRawSocket(port, `${name}.localhost`);
  clients.push(client);
  return client;
}

function logged(message: string): () => boolean {
  return () => peer.records.some((record) => record.kind === 'log' && record.message === message);
}

async function untilLogged(message: string): Promise<void> {
  await until(logged(message), () => `the log line ${message}`);
}

describe('a WebSocket of a worker', () => {
  test('carries text and bytes both ways', { timeout: slow }, async () => {
    const client = await connect('echo').open();
    client.socket.send('text é€😀');
    client.socket.send(Buffer.from([0, 1, 255]));
    client.socket.send('');
    client.socket.send(Buffer.alloc(0));
    client.socket.send('x'.repeat(1_000_000));
    const messages = await client.hears(5);
    expect(messages.slice(0, 4)).toEqual([
      'text é€😀',
      Buffer.from([0, 1, 255]),
      '',
      Buffer.alloc(0),
    ]);
    expect(messages[4]?.length).toBe(1_000_000);
    expect(client.socket.extensions).toBe('');
  });

  test('is closed by the client, with code and reason', { timeout: slow }, async () => {
    const client = await connect('echo').open();
    client.socket.close(4321, 'grüße');
    expect(await client.hearsEnd()).toBe('4321 grüße');
    await untilLogged('closed 4321 grüße true');
  });

  test('is closed by the worker, with code and reason', { timeout: slow }, async () => {
    for (const [code, expected] of [
      [1000, '1000 why'],
      [1011, '1011 why'],
      [4999, '4999 why'],
    ] as const) {
      const client = await connect('closer').open();
      client.socket.send(JSON.stringify([code, 'why']));
      expect(await client.hearsEnd()).toBe(expected);
      await untilLogged(`closer ${code} why true`);
    }
  });

  test('whose client vanishes is closed with 1006', { timeout: slow }, async () => {
    const client = await connectRaw('closer');
    client.socket.resetAndDestroy();
    await untilLogged('closer 1006  false');
  });

  test(
    'answers pings, and ends the connection of a client that floods it with them',
    { timeout: slow },
    async () => {
      const client = await connect('echo').open();
      client.socket.ping('are you there');
      await until(
        () => client.pongs === 1,
        () => 'a pong',
      );
      const raw = await connectRaw('echo');
      raw.send(Buffer.concat(Array.from({ length: 400 }, () => encodeFrame({ opcode: 9 }))));
      await until(
        () => closeCodeIn(raw) === 1008,
        () => 'the close frame',
      );
    },
  );

  test(
    "gets the headers of the response, without those that are not the worker's to say",
    { timeout: slow },
    async () => {
      const raw = new RawClient(port);
      clients.push(raw);
      raw.send(upgradeRequest('headers.localhost', { 'sec-websocket-protocol': 'one, two' }));
      const head = (await raw.hears('\r\n\r\n')).split('\r\n').map((line) => line.toLowerCase());
      expect(head).toContain('http/1.1 101 switching protocols');
      // The example of RFC 6455 §1.3.
      expect(head).toContain('sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=');
      expect(head).toContain('sec-websocket-protocol: two');
      expect(head).toContain('set-cookie: a=1');
      expect(head).toContain('x-seen: connection,upgrade');
      expect(head.filter((line) => /^(connection|sec-websocket-accept)/.test(line))).toHaveLength(
        2,
      );
      expect(head.join()).not.toContain('permessage-deflate');
    },
  );

  test('is not given to a client that did not ask properly', { timeout: slow }, async () => {
    for (const headers of [
      { 'sec-websocket-version': '8' },
      { 'sec-websocket-key': 'short' },
      { upgrade: 'h2c' },
      { 'content-length': '3' },
    ]) {
      const raw = new RawClient(port);
      clients.push(raw);
      raw.send(`${upgradeRequest('echo.localhost', headers)}abc`);
      expect(await raw.hears(/\r\n\r\n.*plain/s)).toMatch(/^HTTP\/1.1 200 /);
    }
  });

  test('is not given behind a request that is in progress', { timeout: slow }, async () => {
    const raw = new RawClient(port);
    clients.push(raw);
    raw.send(`GET / HTTP/1.1\r\nHost: late.localhost\r\n\r\n${upgradeRequest('echo.localhost')}`);
    expect(await raw.hears('plain')).not.toContain('101 Switching');
  });

  test.each([
    ['refusing', /^HTTP\/1.1 403 [^]*no sockets here$/],
    ['streaming', /^HTTP\/1.1 200 [^]*part1[^]*part2[^]*part3[^]*0\r\n\r\n$/],
    ['throwing', /^HTTP\/1.1 500 [^]*worker_exception/],
    ['nobody-forwarded', /^HTTP\/1.1 200 [^]*elsewhere$/],
  ])('may be refused by another response: %s', { timeout: slow }, async (name, expected) => {
    const raw = new RawClient(port);
    clients.push(raw);
    const before = peer.forwarded.length;
    raw.send(upgradeRequest(`${name}.localhost`));
    if (name === 'nobody-forwarded') {
      await until(
        () => peer.forwarded.length > before,
        () => 'the request',
      );
      const forwarded = peer.forwarded.at(-1);
      expect(forwarded?.question.isUpgrade).toBe(true);
      forwarded?.stream.respond({ status: 200, headers: '', hasBody: true });
      forwarded?.stream.send(Buffer.from('elsewhere'));
      forwarded?.stream.end();
    }
    const answer = await raw.hearsEnd();
    expect(answer).toMatch(/connection: close\r\n/i);
    if (name !== 'nobody-forwarded') expect(answer).toMatch(expected);
  });

  test('gets what the client sent before the handshake was over', { timeout: slow }, async () => {
    const raw = new RawClient(port);
    clients.push(raw);
    raw.send(
      Buffer.concat([
        Buffer.from(upgradeRequest('late.localhost')),
        encodeFrame({ opcode: 1, payload: 'early' }),
      ]),
    );
    await raw.hears('early');
  });
});

describe('frames', () => {
  const halfOfEuro = Buffer.from([0xe2, 0x82]);

  test.each<[string, RawFrame[], number]>([
    ['an unmasked frame', [{ opcode: 1, payload: 'a', isMasked: false }], 1002],
    ['a reserved bit', [{ opcode: 1, payload: 'a', reserved: 4 }], 1002],
    ['an unknown opcode', [{ opcode: 3, payload: 'a' }], 1002],
    ['an unknown control opcode', [{ opcode: 11 }], 1002],
    ['a continuation of nothing', [{ opcode: 0, payload: 'a' }], 1002],
    ['a new message inside another', [{ opcode: 1, isFinal: false }, { opcode: 1 }], 1002],
    ['a ping of 126 bytes', [{ opcode: 9, payload: 'x'.repeat(126) }], 1002],
    ['a fragmented ping', [{ opcode: 9, isFinal: false }], 1002],
    ['a close frame of one byte', [{ opcode: 8, payload: 'a' }], 1002],
    ['a close frame with 1005', [{ opcode: 8, payload: Buffer.from([3, 0xed]) }], 1002],
    ['a close frame with 999', [{ opcode: 8, payload: Buffer.from([3, 0xe7]) }], 1002],
    [
      'a close reason that is not UTF-8',
      [{ opcode: 8, payload: Buffer.from([3, 0xe8, 0xff]) }],
      1007,
    ],
    ['text that is not UTF-8', [{ opcode: 1, payload: Buffer.from([0xc0, 0x80]) }], 1007],
    ['text with a lone surrogate', [{ opcode: 1, payload: Buffer.from([0xed, 0xa0, 0x80]) }], 1007],
    ['text that ends in the middle', [{ opcode: 1, payload: halfOfEuro }], 1007],
    ['a message over the limit', [{ opcode: 2, claimedLength: 1024 * 1024 + 1 }], 1009],
    ['a message of 2⁶² bytes', [{ opcode: 2, claimedLength: 2 ** 62 }], 1009],
    [
      'fragments over the limit',
      Array.from({ length: 17 }, (_, index) => ({
        opcode: index === 0 ? 2 : 0,
        isFinal: false,
        payload: Buffer.alloc(65_536),
      })),
      1009,
    ],
    [
      'too many fragments',
      Array.from({ length: 16_386 }, (_, index) => ({
        opcode: index === 0 ? 2 : 0,
        isFinal: false,
        payload: 'a',
      })),
      1008,
    ],
  ])('%s closes the connection', { timeout: slow }, async (_name, frames, code) => {
    const raw = await connectRaw('echo');
    raw.send(Buffer.concat(frames.map(encodeFrame)));
    await until(
      () => closeCodeIn(raw) !== undefined,
      () => 'a close frame',
    );
    expect(closeCodeIn(raw)).toBe(code);
    await raw.hearsEnd();
  });

  test.each<[string, RawFrame[], string]>([
    [
      'a message in pieces, with a ping between and a character split',
      [
        { opcode: 1, payload: halfOfEuro, isFinal: false },
        { opcode: 9, payload: 'x'.repeat(125) },
        { opcode: 0, payload: Buffer.from([0xac]), isFinal: false },
        { opcode: 0, payload: '!' },
      ],
      Buffer.from('€!').toString('latin1'),
    ],
    [
      'an empty fragment',
      [
        { opcode: 1, isFinal: false },
        { opcode: 0, payload: 'end' },
      ],
      'end',
    ],
    [
      'a noncharacter',
      [{ opcode: 1, payload: '\uffff' }],
      Buffer.from('\uffff').toString('latin1'),
    ],
  ])('%s is fine', { timeout: slow }, async (_name, frames, echoed) => {
    const raw = await connectRaw('echo');
    raw.send(Buffer.concat(frames.map(encodeFrame)));
    await raw.hears(echoed);
    expect(closeCodeIn(raw)).toBeUndefined();
  });

  test('may arrive byte by byte', { timeout: slow }, async () => {
    const raw = await connectRaw('echo');
    for (const byte of encodeFrame({ opcode: 1, payload: 'slowly' })) {
      raw.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await raw.hears('slowly');
  });
});
