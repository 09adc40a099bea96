import { expect, test } from 'vitest';
import { TestIsolate } from '../testing/isolate-driver.ts';

const echo = `export default { fetch(request) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener('message', (e) => { server.send(e.data); });
  server.addEventListener('close', (e) => console.log('close', e.code, e.reason, e.wasClean));
  server.addEventListener('error', () => console.log('error'));
  server.send('welcome');
  return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'chat' } });
} }`;

test('a request is answered with a WebSocket, and the event lasts as long as it', async () => {
  const isolate = await TestIsolate.start({ source: echo });
  const event = isolate.open({ canUpgrade: true });
  await event.until((seen) => seen.socketMessages.length === 1);
  await event.sendMessage('hi');
  await event.sendMessage(new Uint8Array([1, 2]));
  await event.until((seen) => seen.socketMessages.length === 3);
  expect(event.status).toBe(101);
  expect(event.header('sec-websocket-protocol')).toBe('chat');
  expect(event.socketMessages).toEqual(['welcome', 'hi', new Uint8Array([1, 2])]);
  expect(event.isDone).toBe(false);
  await event.closeSocket(4000, 'bye', 1);
  await event.done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['close 4000 bye true']);
  expect(isolate.entryErrors).toEqual([]);
  isolate.dispose();
});

test('a listener that throws is reported, and the connection goes on', async () => {
  const isolate = await TestIsolate.start({
    source: echo.replace('server.send(e.data)', 'server.send(e.data); throw new Error(e.data)'),
  });
  const event = isolate.open({ canUpgrade: true });
  await event.sendMessage('1');
  await event.sendMessage('2');
  await event.until((seen) => seen.socketMessages.length === 3);
  expect(event.exceptions).toMatchObject([
    { message: 'Error: 1', isBackground: true },
    { message: 'Error: 2', isBackground: true },
  ]);
  isolate.dispose();
});

test('the worker closes the connection, and hears when it is closed', async () => {
  const isolate = await TestIsolate.start({
    source: echo.replace('server.send(e.data)', 'server.close(1001, e.data)'),
  });
  const event = isolate.open({ canUpgrade: true });
  await event.until((seen) => seen.socketMessages.length === 1);
  await event.sendMessage('go');
  await event.until((seen) => seen.socketMessages.length === 2);
  expect(event.socketMessages).toEqual(['welcome', [1001, 'go']]);
  expect(isolate.logs).toEqual([]);
  await event.closeSocket(1001, 'go', 1);
  await event.done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(['close 1001 go true']);
  isolate.dispose();
});

test.each([
  ['gone', [1006, '', 0] as const, ['close 1006  false']],
  ['given up by the platform', [1006, '', 2] as const, ['error', 'close 1006  false']],
])('a connection that is %s', async (_name, [code, reason, flags], expected) => {
  const isolate = await TestIsolate.start({ source: echo });
  const event = isolate.open({ canUpgrade: true });
  await event.until((seen) => seen.status === 101);
  await event.closeSocket(code, reason, flags);
  await event.done();
  expect(isolate.logs.map(({ text }) => text)).toEqual(expected);
  isolate.dispose();
});

test('messages are taken when the worker has accepted them', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch(request, env, ctx) {
      const [client, server] = Object.values(new WebSocketPair());
      setTimeout(() => server.accept(), 50);
      return new Response(null, { status: 101, webSocket: client });
    } }`,
  });
  const event = isolate.open({ canUpgrade: true });
  await event.until((seen) => seen.status === 101);
  await event.sendMessage('x'.repeat(40_000));
  expect(event.socketTakenBytes).toBe(0);
  await event.until((seen) => seen.socketTakenBytes === 40_000);
  isolate.dispose();
});

test('bufferedAmount falls as the client takes the bytes', async () => {
  const isolate = await TestIsolate.start({
    source: echo.replace('server.send(e.data)', 'console.log(server.bufferedAmount)'),
  });
  const event = isolate.open({ canUpgrade: true });
  await event.until((seen) => seen.socketMessages.length === 1);
  await event.sendMessage('?');
  await event.takeMessages(7);
  await event.sendMessage('?');
  expect(isolate.logs.map(({ text }) => text)).toEqual(['7', '0']);
  isolate.dispose();
});

test.each([
  ['no upgrade asked for', false, `{ status: 101, webSocket: client }`, 'did not ask for', 'null'],
  ['another status', true, `{ status: 200, webSocket: client }`, 'has status 101', 'null'],
  ['a body', true, `{ status: 101, webSocket: client }`, 'has no body', `'text'`],
  ['101 without a socket', true, `{ status: 101 }`, 'is not from 200 to 599', 'null'],
  ['what is no WebSocket', true, `{ status: 101, webSocket: {} }`, 'is not a WebSocket', 'null'],
  [
    'an accepted end',
    true,
    `(client.accept(), { status: 101, webSocket: client })`,
    'in use',
    'null',
  ],
])('a response with %s is an exception', async (_name, canUpgrade, init, message, body) => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      return new Response(${body}, ${init});
    } }`,
  });
  const event = await isolate.open({ canUpgrade }).done();
  expect(event.exceptions).toHaveLength(1);
  expect(event.exceptions[0]?.message).toContain(message);
  isolate.dispose();
});

test('the same end cannot be given to two clients, nor used here afterwards', async () => {
  const isolate = await TestIsolate.start({
    source: `let response;
    export default { fetch() {
      if (response === undefined) {
        const [client, server] = Object.values(new WebSocketPair());
        response = new Response(null, { status: 101, webSocket: client });
        setTimeout(() => { for (const use of ['accept', 'send', 'close']) {
          try { client[use]('x'); console.log('used'); } catch (error) { console.log(error.name); }
        } }, 0);
        try { response.clone(); } catch (error) { console.log(error.name, response.webSocket === client); }
      }
      return response;
    } }`,
  });
  const first = await isolate.open({ canUpgrade: true }).until((seen) => seen.status === 101);
  const second = await isolate.open({ canUpgrade: true }).done();
  expect(second.exceptions[0]?.message).toContain('in use');
  await first.until(() => isolate.logs.length === 4);
  expect(isolate.logs.map(({ text }) => text)).toEqual([
    'TypeError true',
    'TypeError',
    'TypeError',
    'InvalidAccessError',
  ]);
  isolate.dispose();
});

test('sockets of different requests can talk to each other', async () => {
  const isolate = await TestIsolate.start({
    source: `const room = new Set();
    export default { fetch(request) {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      room.add(server);
      server.addEventListener('message', (e) => { for (const other of room) other.send(e.data); });
      server.addEventListener('close', () => room.delete(server));
      return new Response(null, { status: 101, webSocket: client });
    } }`,
  });
  const one = isolate.open({ canUpgrade: true });
  const two = isolate.open({ canUpgrade: true });
  await one.until((seen) => seen.status === 101);
  await two.until((seen) => seen.status === 101);
  await one.sendMessage('to all');
  await one.until((seen) => seen.socketMessages.length === 1);
  await two.until((seen) => seen.socketMessages.length === 1);
  await one.closeSocket(1000, '', 1);
  await two.sendMessage('alone');
  await two.until((seen) => seen.socketMessages.length === 2);
  expect(one.socketMessages).toEqual(['to all']);
  expect(isolate.entryErrors).toEqual([]);
  isolate.dispose();
});

test('an event ended by the sandbox closes the socket inside, and nothing more is heard of it', async () => {
  const isolate = await TestIsolate.start({
    source: echo.replace('server.send(e.data)', 'server.send(e.data); globalThis.left = server'),
  });
  const event = isolate.open({ canUpgrade: true });
  await event.sendMessage('keep');
  await event.until((seen) => seen.socketMessages.length === 2);
  await event.end();
  const count = event.operations.length;
  await event.sendMessage('late');
  await isolate.open({ canUpgrade: true }).until((seen) => seen.status === 101);
  expect(event.operations.slice(count)).toEqual([]);
  expect(isolate.logs.map(({ text }) => text)).toEqual(['close 1006  false']);
  isolate.dispose();
});
