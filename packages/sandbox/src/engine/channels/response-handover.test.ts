import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import type { TestChannel } from '../testing/test-channels.ts';
import { bundleTestRuntime, TestEngine } from '../testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
const pieceBytes = 64 * 1024;
const windowBytes = 256 * 1024;
let engine: TestEngine;

beforeEach(() => {
  engine = new TestEngine({
    runtimeScript,
    workers: {
      direct: `export default { fetch: () => fetch('http://origin.test/') };`,
      wrapped: `export default { async fetch() {
        const response = await fetch('http://origin.test/');
        return new Response(response.body, response);
      } };`,
      late: `export default { async fetch() {
        const response = await fetch('http://origin.test/');
        await new Promise((resolve) => setTimeout(resolve, 20));
        return response;
      } };`,
      aborting: `export default { async fetch(request, env, ctx) {
        const controller = new AbortController();
        const response = await fetch('http://origin.test/', { signal: controller.signal });
        ctx.waitUntil(new Promise((resolve) => setTimeout(() => { controller.abort(); resolve(); }, 50)));
        return response;
      } };`,
      curious: `let kept;
      export default { async fetch(request) {
        if (kept !== undefined) return new Response(kept.locked);
        const response = await fetch('http://origin.test/');
        kept = response.body;
        return new Response(kept);
      } };`,
    },
    limits: { cpuMs: 60, wallMs: 20_000, idleMs: 20_000, waitUntilMs: 5_000 },
  });
});

afterEach(() => engine.dispose());

async function opened(): Promise<TestChannel> {
  await until(
    () => engine.channels.opened.length > 0,
    () => 'a channel',
  );
  const [channel] = engine.channels.opened;
  if (channel === undefined) throw new Error('no channel');
  return channel;
}

function answerHead(channel: TestChannel): void {
  channel.port.message(JSON.stringify({ status: 200, statusText: 'OK', headers: 'x-a\nb' }));
}

/** Sends numbered pieces as an origin does: no more than a window ahead of what was taken. */
async function sendPieces(channel: TestChannel, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    await until(
      () => channel.isReset || sent * pieceBytes - channel.takenBytes < windowBytes,
      () => `room for piece ${sent}: ${channel.takenBytes} bytes taken`,
    );
    channel.port.data(new Uint8Array(pieceBytes).fill(sent & 0xff));
  }
}

test.each(['direct', 'wrapped', 'late'])(
  'a body that is passed on (%s) arrives whole and in order',
  async (worker) => {
    const pieces = 100;
    const seen: number[] = [];
    const answer = engine.fetch(worker, {
      onChunk: (bytes, event) => {
        seen.push(bytes);
        queueMicrotask(() => event.credit(bytes));
      },
    });
    const channel = await opened();
    answerHead(channel);
    await sendPieces(channel, pieces);
    channel.port.end();
    const { status, headers, isComplete, outcome } = await answer;
    expect({ status, headers, isComplete, outcome: outcome.outcome }).toEqual({
      status: 200,
      headers: 'x-a\nb',
      isComplete: true,
      outcome: 'ok',
    });
    expect(seen.reduce((sum, bytes) => sum + bytes, 0)).toBe(pieces * pieceBytes);
  },
);

test('the bytes are those of the origin, across the hand-over', async () => {
  const answer = engine.fetch('late');
  const channel = await opened();
  answerHead(channel);
  // Some are there before the worker answers, some come while it hands over, the rest later.
  for (const text of ['one ', 'two ']) channel.port.data(Buffer.from(text));
  await until(
    () => engine.engine.activeEvents > 0 && channel.takenBytes > 0,
    () => 'the first bytes taken',
  );
  for (const text of ['three ', 'four ']) channel.port.data(Buffer.from(text));
  channel.port.end();
  expect((await answer).body).toBe('one two three four ');
});

test('passing on a gigabyte costs the worker no CPU limit', async () => {
  let bytes = 0;
  const answer = engine.fetch('direct', {
    onChunk: (size, event) => {
      bytes += size;
      queueMicrotask(() => event.credit(size));
    },
  });
  const channel = await opened();
  answerHead(channel);
  await sendPieces(channel, 16_384);
  channel.port.end();
  expect((await answer).outcome.outcome).toBe('ok');
  expect(bytes).toBe(2 ** 30);
});

test('a client that does not read holds the origin back', async () => {
  let isReading = false;
  let unread = 0;
  const answer = engine.fetch('direct', {
    onChunk: (bytes, event) => {
      unread += bytes;
      if (isReading) queueMicrotask(() => event.credit(bytes));
    },
  });
  const channel = await opened();
  answerHead(channel);
  // One window passes through the isolate at most, and one more waits for the client.
  const sending = sendPieces(channel, 20);
  await until(
    () => unread >= windowBytes,
    () => `${unread} bytes`,
  );
  expect(unread).toBeLessThanOrEqual(2 * windowBytes + pieceBytes);
  isReading = true;
  answer.event.credit(unread);
  await sending;
  channel.port.end();
  expect((await answer).isComplete).toBe(true);
  expect(unread).toBe(20 * pieceBytes);
});

test('when the client goes, the origin is let go', async () => {
  const answer = engine.fetch('direct', {
    onChunk: (bytes, event) => queueMicrotask(() => event.credit(bytes)),
  });
  const channel = await opened();
  answerHead(channel);
  await sendPieces(channel, 20);
  answer.event.disconnect();
  expect((await answer).isComplete).toBe(false);
  expect(channel.isReset).toBe(true);
});

test('when the origin breaks off, the response is cut', async () => {
  const answer = engine.fetch('direct');
  const channel = await opened();
  answerHead(channel);
  await sendPieces(channel, 20);
  channel.port.error('the connection was reset');
  const { isComplete, outcome } = await answer;
  expect(isComplete).toBe(false);
  expect(outcome.outcome).toBe('Exception');
});

test('a worker can still abort what it handed over', async () => {
  const answer = engine.fetch('aborting', {
    onChunk: (bytes, event) => queueMicrotask(() => event.credit(bytes)),
  });
  const channel = await opened();
  answerHead(channel);
  await sendPieces(channel, 8);
  const { isComplete, outcome } = await answer;
  expect({ isComplete, outcome: outcome.outcome }).toEqual({
    isComplete: false,
    outcome: 'Exception',
  });
  expect(channel.isReset).toBe(true);
});

test('a body that was handed over cannot be read by another request', async () => {
  const first = engine.fetch('curious');
  const channel = await opened();
  answerHead(channel);
  channel.port.data(Buffer.from('secret'));
  channel.port.end();
  expect((await first).body).toBe('secret');
  expect((await engine.fetch('curious')).body).toBe('true');
});
