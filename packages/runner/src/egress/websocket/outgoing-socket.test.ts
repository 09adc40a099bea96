import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { duplexPair } from 'node:stream';
import { FramedPipe, maxFrameBytes, StreamTable, type PipeChannel } from '@openworkers/sandbox';
import { afterEach, beforeEach, test } from 'vitest';
import WebSocket from 'ws';
import { until } from '../../testing/until.ts';
import { OutgoingSocket } from './outgoing-socket.ts';

/** Takes connections, and says what the test wants said. */
let origin: Server;
let answer = '';
let pipe: FramedPipe;
let channel: PipeChannel;

beforeEach(async () => {
  origin = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(answer);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const [near] = duplexPair();
  pipe = new FramedPipe({
    stream: near,
    maxIncomingBytes: maxFrameBytes.fromSandbox,
    onFrame: () => undefined,
    onClose: () => undefined,
  });
  channel = new StreamTable({ pipe, side: 'runner' }).acceptChannel(1, 'websocket');
});
afterEach(() => {
  pipe.close();
  origin.close();
});

function connect(): WebSocket {
  // A listening TCP server has an address with a port.
  const { port } = origin.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const outgoing = new OutgoingSocket(channel, () => undefined);
  channel.handler = outgoing;
  outgoing.connect(socket);
  return socket;
}

// What throws while a frame is handled costs the sandbox, with all of its workers, its life.
test('a worker that closes before there is a connection breaks nothing', async () => {
  answer = '';
  connect();
  channel.receiveEnd('');
  await until(() => channel.isOver, { timeoutMs: 10_000, what: 'the end of the channel' });
});

test('a worker that closes while a refusal is under way breaks nothing', async () => {
  answer = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 10\r\n\r\nno';
  const socket = connect();
  await once(socket, 'unexpected-response');
  channel.receiveEnd('');
  await until(() => channel.isOver, { timeoutMs: 10_000, what: 'the end of the channel' });
});
