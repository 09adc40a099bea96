import { duplexPair, type Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { FramedPipe, type FramedPipeOptions } from './framed-pipe.ts';
import { frameTypes } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

interface End {
  readonly pipe: FramedPipe;
  readonly frames: { type: number; id: number; text: string }[];
  readonly closings: (Error | undefined)[];
  drains: number;
}

function end(stream: Duplex, options: Partial<FramedPipeOptions> = {}): End {
  const frames: End['frames'] = [];
  const closings: (Error | undefined)[] = [];
  const opened: End = {
    pipe: new FramedPipe({
      stream,
      maxIncomingBytes: 1_000_000,
      onFrame: (type, id, payload) => frames.push({ type, id, text: payload.toString() }),
      onClose: (error) => closings.push(error),
      onDrain: () => (opened.drains += 1),
      ...options,
    }),
    frames,
    closings,
    drains: 0,
  };
  return opened;
}

test('frames arrive in order, short and long, with text and bytes', async () => {
  const [near, far] = duplexPair();
  const sender = end(near);
  const receiver = end(far);
  const long = 'x'.repeat(100_000);
  sender.pipe.send(frameTypes.ready, 1);
  sender.pipe.send(frameTypes.streamData, 2, long);
  sender.pipe.send(frameTypes.streamData, 3, Buffer.from('bytes'));
  sender.pipe.sendJson(frameTypes.running, 4, ['é']);
  await until(
    () => receiver.frames.length === 4,
    () => 'four frames',
  );
  expect(receiver.frames).toEqual([
    { type: frameTypes.ready, id: 1, text: '' },
    { type: frameTypes.streamData, id: 2, text: long },
    { type: frameTypes.streamData, id: 3, text: 'bytes' },
    { type: frameTypes.running, id: 4, text: '["é"]' },
  ]);
});

test('frames of one turn leave in one write', async () => {
  const [near, far] = duplexPair();
  const chunks: number[] = [];
  far.on('data', (chunk: Buffer) => chunks.push(chunk.length));
  const writes: number[] = [];
  near._writev = (all, callback) => {
    writes.push(all.length);
    callback();
  };
  const { pipe } = end(near);
  for (let id = 0; id < 50; id += 1) pipe.send(frameTypes.ready, id);
  await until(
    () => writes.length > 0,
    () => 'a write',
  );
  expect(writes).toEqual([50]);
});

test('a peer that does not read is told by the answer of send, and given up at the bound', async () => {
  const [near, far] = duplexPair();
  const sender = end(near, { maxQueuedBytes: 10_000_000 });
  const piece = Buffer.alloc(1_000_000);
  const answers: boolean[] = [];
  while (sender.closings.length === 0 && answers.length < 100) {
    answers.push(sender.pipe.send(frameTypes.streamData, 1, piece));
  }
  expect(answers.slice(0, 4)).toEqual([true, true, true, true]);
  expect(answers.at(-1)).toBe(false);
  expect(answers).toHaveLength(10);
  expect(sender.closings).toHaveLength(1);
  expect(sender.closings[0]).toBeInstanceOf(ProtocolError);
  far.destroy();
});

test('a peer that reads again is told of', async () => {
  const [near, far] = duplexPair();
  const sender = end(near);
  const piece = Buffer.alloc(1_000_000);
  while (sender.pipe.send(frameTypes.streamData, 1, piece));
  expect(sender.pipe.isCongested).toBe(true);
  expect(sender.drains).toBe(0);
  far.resume();
  await until(
    () => sender.drains > 0,
    () => 'the queue to drain',
  );
  expect(sender.pipe.isCongested).toBe(false);
});

test('what a handler throws closes the pipe, and no further frame is handled', async () => {
  const [near, far] = duplexPair();
  const sender = end(near);
  const seen: number[] = [];
  const receiver = end(far, {
    onFrame: (type) => {
      seen.push(type);
      throw new ProtocolError('no');
    },
  });
  sender.pipe.send(frameTypes.ready, 0);
  sender.pipe.send(frameTypes.drained, 0);
  await until(
    () => receiver.closings.length > 0,
    () => 'the pipe to close',
  );
  expect(seen).toEqual([frameTypes.ready]);
  expect(receiver.closings).toEqual([new ProtocolError('no')]);
});

test('the end of the peer closes the pipe without an error', async () => {
  const [near, far] = duplexPair();
  const sender = end(near);
  const receiver = end(far);
  sender.pipe.close();
  await until(
    () => receiver.closings.length > 0,
    () => 'the other end to close',
  );
  expect(sender.closings).toEqual([undefined]);
  expect(receiver.closings).toEqual([undefined]);
  expect(sender.pipe.send(frameTypes.ready, 0)).toBe(false);
});

test('flushThen calls back once everything has left', async () => {
  const [near, far] = duplexPair();
  const { pipe } = end(near);
  const called: string[] = [];
  pipe.send(frameTypes.streamData, 1, Buffer.alloc(200_000));
  pipe.flushThen(() => called.push('flushed'));
  expect(called).toEqual([]);
  far.resume();
  await until(
    () => called.length > 0,
    () => 'the flush',
  );
  pipe.flushThen(() => called.push('at once'));
  expect(called).toEqual(['flushed', 'at once']);
});
