import { describe, expect, test } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

/** Runs code with both ends of a pair accepted, and a log of what their listeners hear. */
function withPair(body: string): Promise<unknown> {
  return evaluateInIsolate(`
    const pair = new WebSocketPair();
    const [client, server] = Object.values(pair);
    const seen = [];
    const listen = (name, socket) => {
      for (const type of ['open', 'message', 'error', 'close']) {
        socket.addEventListener(type, (e) => seen.push(
          name + ' ' + type + (type === 'message' ? ' ' + e.data : type === 'close' ? ' ' + [e.code, e.reason, e.wasClean] : '')));
      }
    };
    listen('client', client); listen('server', server);
    const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
    ${body}
    await turn();
    return seen;
  `);
}

describe('a WebSocketPair used inside the isolate', () => {
  test('carries text and bytes both ways, in order', async () => {
    const seen = await withPair(`
      client.accept(); server.accept();
      server.addEventListener('message', (e) => server.send('echo ' + e.data));
      client.send('one'); client.send('two'); server.send('hello');
      const bytes = new Uint8Array([1, 2, 3]);
      client.addEventListener('message', (e) => { if (e.data instanceof ArrayBuffer) seen.push([...new Uint8Array(e.data)].join()); });
      server.send(bytes.subarray(1)); bytes.fill(9);
      server.send(new Blob(['blob']));
    `);
    expect(seen).toEqual([
      'server message one',
      'client message hello',
      'server message two',
      'client message [object ArrayBuffer]',
      '2,3',
      'client message [object ArrayBuffer]',
      '98,108,111,98',
      'client message echo one',
      'client message echo two',
    ]);
  });

  test('delivers nothing before accept, then everything', async () => {
    const seen = await withPair(`
      client.accept();
      client.send('early');
      await turn();
      seen.push('nothing yet');
      server.accept();
      server.accept();
      seen.push('not at once');
    `);
    expect(seen).toEqual(['nothing yet', 'not at once', 'server message early']);
  });

  test('closes both ends with the code of the one that closed', async () => {
    const seen = await withPair(`
      client.accept(); server.accept();
      server.send('last');
      server.close(1011, 'sorry');
      seen.push(server.readyState, client.readyState);
      server.send('never');
      await turn();
      seen.push(server.readyState, client.readyState);
      client.close(1006); server.close(1234567, 'too late to be wrong');
    `);
    expect(seen).toEqual([
      2,
      1,
      'client message last',
      'client close 1011,sorry,true',
      'server close 1011,sorry,true',
      3,
      3,
    ]);
  });

  test('closed from both sides, each end hears the other', async () => {
    const seen = await withPair(`
      client.accept(); server.accept();
      server.close(4001, 's'); client.close(4002, 'c');
    `);
    expect(seen).toEqual(['client close 4001,s,true', 'server close 4002,c,true']);
  });

  test('a close without a code is 1005, one with only a reason 1000', async () => {
    expect(await withPair(`client.accept(); server.accept(); server.close();`)).toEqual([
      'client close 1005,,true',
      'server close 1005,,true',
    ]);
    expect(
      await withPair(`client.accept(); server.accept(); server.close(undefined, 'why');`),
    ).toEqual(['client close 1000,why,true', 'server close 1000,why,true']);
  });

  test('counts what is sent and not taken', async () => {
    const seen = await withPair(`
      client.accept();
      client.send('é€😀'); client.send(new Uint8Array(5));
      seen.push(client.bufferedAmount);
      server.accept();
      await turn();
      seen.push(client.bufferedAmount);
      server.close(); await turn();
      client.send('123');
      seen.push(client.bufferedAmount);
    `);
    expect(seen).toEqual([
      14,
      'server message é€😀',
      'server message [object ArrayBuffer]',
      0,
      'client close 1005,,true',
      'server close 1005,,true',
      3,
    ]);
  });

  test('gives blobs when asked', async () => {
    const seen = await withPair(`
      client.accept(); server.accept();
      client.binaryType = 'nothing'; seen.push(client.binaryType);
      client.binaryType = 'blob';
      const got = new Promise((resolve) => { client.onmessage = (e) => resolve(e.data); });
      server.send(new Uint8Array([104, 105]));
      const blob = await got;
      seen.push(blob instanceof Blob, blob.type, await blob.text());
    `);
    expect(seen).toEqual(['arraybuffer', 'client message [object Blob]', true, '', 'hi']);
  });
});

test.each([
  ['send', `server.send('x')`, 'TypeError'],
  ['close', `server.close()`, 'TypeError'],
  ['send without an argument', `server.accept(); server.send()`, 'TypeError'],
  ['send of a symbol', `server.accept(); server.send(Symbol())`, 'TypeError'],
  ['close with 999', `server.accept(); server.close(999)`, 'InvalidAccessError'],
  ['close with 1005', `server.accept(); server.close(1005)`, 'InvalidAccessError'],
  ['close with 1006', `server.accept(); server.close(1006)`, 'InvalidAccessError'],
  ['close with 1015', `server.accept(); server.close(1015)`, 'InvalidAccessError'],
  ['close with 2999', `server.accept(); server.close(2999)`, 'InvalidAccessError'],
  ['close with 5000', `server.accept(); server.close(5000)`, 'InvalidAccessError'],
  ['close with null', `server.accept(); server.close(null)`, 'InvalidAccessError'],
  ['a long reason', `server.accept(); server.close(1000, 'é'.repeat(62))`, 'SyntaxError'],
  ['a reason of 123 bytes', `server.accept(); server.close(1000, 'é'.repeat(61) + 'a')`, 'fine'],
  ['close with 1012', `server.accept(); server.close(1012)`, 'fine'],
  ['calling the class', `WebSocketPair()`, 'TypeError'],
  ['a forged this', `server.send.call({}, 'x')`, 'TypeError'],
])('%s on a socket of a pair', async (_name, code, expected) => {
  const result = await evaluateInIsolate(`
    const { 0: client, 1: server } = new WebSocketPair();
    try { ${code}; return 'fine'; } catch (error) { return error.name; }
  `);
  expect(result).toBe(expected);
});

test('sockets of a pair are WebSockets without a URL', async () => {
  const result = await evaluateInIsolate(`
    const pair = new WebSocketPair();
    const socket = pair[0];
    return [Object.keys(pair), String(pair), socket instanceof WebSocket, socket instanceof EventTarget, String(socket),
      socket.url, socket.protocol, socket.extensions, socket.readyState, socket.binaryType, socket.onopen,
      WebSocket.OPEN, socket.CLOSED, WebSocket.length];
  `);
  expect(result).toEqual([
    ['0', '1'],
    '[object WebSocketPair]',
    true,
    true,
    '[object WebSocket]',
    null,
    '',
    '',
    1,
    'arraybuffer',
    null,
    1,
    3,
    1,
  ]);
});
