import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import type { ChannelPort, ChannelRequest } from '../engine/channels/channel-opener.ts';
import { FramedPipe, maxFrameBytes } from '../protocol/framed-pipe.ts';
import { frameTypes } from '../protocol/messages.ts';
import { StreamTable } from '../protocol/stream-table.ts';
import { until } from '../testing/until.ts';
import { PipeOpener } from './pipe-opener.ts';
import { SocketOpener } from './socket-opener.ts';

const request: ChannelRequest = {
  kind: 'websocket',
  argument: '{}',
  handle: 'handle',
  requestId: 'request',
  depth: 0,
  runJob: () => false,
};

test('a text that fits by its characters and not by its bytes costs the channel, not the sandbox', async () => {
  const [near, far] = duplexPair();
  const frames: number[] = [];
  let problem: Error | undefined;
  const runner = new FramedPipe({
    stream: far,
    maxIncomingBytes: maxFrameBytes.fromSandbox,
    onFrame: (type) => void frames.push(type),
    onClose: (error) => (problem = error),
  });
  const pipe = new FramedPipe({
    stream: near,
    maxIncomingBytes: maxFrameBytes.fromRunner,
    onFrame: () => undefined,
    onClose: () => undefined,
  });
  const opener = new SocketOpener(new PipeOpener(pipe, new StreamTable({ pipe, side: 'sandbox' })));
  const errors: string[] = [];
  const ignore = (): void => undefined;
  const port: ChannelPort = {
    message: ignore,
    data: ignore,
    end: ignore,
    error: (message) => errors.push(message),
    sent: ignore,
  };
  opener.open(request, port).data('€'.repeat(400_000));
  await until(
    () => frames.length === 2 || problem !== undefined,
    () => 'the frames',
  );
  expect(errors).toEqual(['a message is larger than 1048576 bytes']);
  expect(frames).toEqual([frameTypes.openChannel, frameTypes.channelError]);
  expect(problem).toBeUndefined();
  runner.close();
  pipe.close();
});
