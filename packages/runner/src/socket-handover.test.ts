import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@openworkers/core';
import { connectionStates, type HandoverHint } from '@openworkers/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Listener } from './listener.ts';
import { SocketHandover, type SocketTarget } from './socket-handover.ts';
import { until } from './testing/until.ts';

/** Stands where a sandbox stands, and remembers what it was given. */
class Receiver implements SocketTarget {
  readonly received: { id: number; socket: Socket; hint: HandoverHint | undefined }[] = [];

  sendSocket(id: number, socket: Socket, hint?: HandoverHint): void {
    this.received.push({ id, socket, hint });
  }
}

const log = createLogger({ role: 'test', level: 'silent' });
let handover: SocketHandover;
let listener: Listener;
let clients: Socket[];
let first: Receiver;
let second: Receiver;

async function listen(options: { maxConnections?: number; maxWaitMs?: number }): Promise<void> {
  handover = new SocketHandover({ log, maxConnections: 3, ...options });
  listener = new Listener({
    host: '127.0.0.1',
    port: 0,
    onConnection: (socket) => handover.accept(socket),
  });
  await listener.start();
}

beforeEach(async () => {
  clients = [];
  first = new Receiver();
  second = new Receiver();
  await listen({});
});

afterEach(() => {
  for (const client of clients) client.destroy();
  handover.closeAll();
  listener.stop();
});

async function open(): Promise<Socket> {
  const client = connect(listener.port ?? 0, '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

const arrival = (receiver: Receiver, count: number): Promise<void> =>
  until(() => receiver.received.length === count, { timeoutMs: 2_000, what: `${count} sockets` });

function report(id: number, state: keyof typeof connectionStates): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32LE(id, 0);
  bytes.writeUInt8(connectionStates[state], 4);
  return bytes;
}

const idOf = (receiver: Receiver, index = 0): number => receiver.received[index]?.id ?? 0;
const isClosed = (client: Socket): Promise<void> =>
  until(() => client.closed, { timeoutMs: 2_000, what: 'the client is disconnected' });

test('a connection waits until a sandbox is ready', async () => {
  await open();
  await until(() => handover.connectionCount === 1, { timeoutMs: 2_000, what: 'accepted' });
  handover.setTarget(first);
  await arrival(first, 1);
});

test('when a sandbox dies, idle connections go to the next one and busy ones are reset', async () => {
  handover.setTarget(first);
  const [idle, busy] = [await open(), await open()];
  await arrival(first, 2);
  const failure = once(busy, 'error');
  handover.applyChanges(first, report(idOf(first, 1), 'busy'));
  handover.ownerGone(first);
  expect(await failure).toMatchObject([{ code: 'ECONNRESET' }]);
  expect(second.received).toEqual([]);
  handover.setTarget(second);
  expect(second.received.map(({ id }) => id)).toEqual([idOf(first)]);
  expect(idle.destroyed).toBe(false);
});

test('a connection that was in use a moment before a death must speak soon; a quiet one need not', async () => {
  handover.setTarget(first);
  await open();
  await open();
  await arrival(first, 2);
  // Longer than a sandbox may need to report what it reads.
  await delay(1_100);
  handover.applyChanges(first, report(idOf(first), 'busy'));
  handover.applyChanges(first, report(idOf(first), 'idle'));
  handover.ownerGone(first);
  handover.setTarget(second);
  await arrival(second, 2);
  const hints = new Map(second.received.map(({ id, hint }) => [id, hint]));
  expect(hints.get(idOf(first, 0))).toEqual({ mustSpeakWithinMs: 5_000 });
  expect(hints.get(idOf(first, 1))).toBeUndefined();
});

test('a connection that became idle again is not lost', async () => {
  handover.setTarget(first);
  await open();
  await arrival(first, 1);
  handover.applyChanges(
    first,
    Buffer.concat([report(idOf(first), 'busy'), report(idOf(first), 'idle')]),
  );
  handover.setTarget(second);
  handover.ownerGone(first);
  expect(second.received.map(({ id }) => id)).toEqual([idOf(first)]);
});

test('a sandbox that drains gives connections back, to the one that serves now', async () => {
  handover.setTarget(first);
  await open();
  await arrival(first, 1);
  handover.setTarget(second);
  expect(second.received).toEqual([]);
  handover.applyChanges(first, report(idOf(first), 'released'));
  expect(second.received.map(({ id }) => id)).toEqual([idOf(first)]);
  // It is not the first one's any more: what that says, or how it ends, does not matter.
  handover.applyChanges(first, report(idOf(first), 'closed'));
  handover.ownerGone(first);
  expect(handover.connectionCount).toBe(1);
});

test('a connection that the sandbox closed is closed here, and no other', async () => {
  handover.setTarget(first);
  const closed = await open();
  await arrival(first, 1);
  handover.setTarget(second);
  const foreign = await open();
  await arrival(second, 1);
  handover.applyChanges(first, report(idOf(first), 'closed'));
  handover.applyChanges(first, report(idOf(second), 'closed'));
  handover.applyChanges(first, report(4_000_000_000, 'closed'));
  await isClosed(closed);
  expect(foreign.destroyed).toBe(false);
});

test('a malformed report is a protocol error', () => {
  expect(() => handover.applyChanges(first, Buffer.alloc(4))).toThrow('private pipe');
  expect(() => handover.applyChanges(first, Buffer.alloc(5, 9))).toThrow('private pipe');
});

test('over the largest number of connections, further ones are closed', async () => {
  handover.setTarget(first);
  await Promise.all([open(), open(), open()]);
  await arrival(first, 3);
  const fourth = await open();
  await isClosed(fourth);
  handover.applyChanges(first, report(idOf(first), 'closed'));
  await until(() => handover.connectionCount === 2, { timeoutMs: 2_000, what: 'room again' });
  await open();
  await arrival(first, 4);
});

test('who waits too long is told to come back', async () => {
  listener.stop();
  await listen({ maxWaitMs: 10 });
  const client = await open();
  let answer = '';
  client.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
  await isClosed(client);
  const [head, body] = answer.split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
  expect(head).toMatch(/retry-after: 1/);
  expect(head).toContain(`content-length: ${body?.length}`);
});

test('when the runner stops, connections that wait are closed and none is handed over', async () => {
  const client = await open();
  await until(() => handover.connectionCount === 1, { timeoutMs: 2_000, what: 'accepted' });
  handover.closeIdle();
  await isClosed(client);
  handover.setTarget(first);
  expect(first.received).toEqual([]);
});
