import { duplexPair } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { FramedPipe } from './protocol/framed-pipe.ts';
import { frameTypes, type SandboxRecord } from './protocol/messages.ts';
import { readSandboxMessage } from './protocol/read-sandbox-message.ts';
import { RecordBatch } from './record-batch.ts';
import { until } from './testing/until.ts';

let frames: SandboxRecord[][];
let pipe: FramedPipe;
let peer: ReturnType<typeof duplexPair>[0];
let batch: RecordBatch;

beforeEach(() => {
  frames = [];
  const [near, far] = duplexPair();
  peer = far;
  pipe = new FramedPipe({
    stream: near,
    maxIncomingBytes: 1000,
    onFrame: () => undefined,
    onClose: () => undefined,
  });
  batch = new RecordBatch(pipe);
});

function readPeer(): void {
  new FramedPipe({
    stream: peer,
    maxIncomingBytes: 16 * 1024 * 1024,
    onFrame: (type, id, payload) => {
      if (type !== frameTypes.records) return;
      const message = readSandboxMessage(type, id, payload);
      if (message.kind === 'records') frames.push([...message.records]);
    },
    onClose: () => undefined,
  });
}

function log(message: string): void {
  batch.addLog({ handle: 'h', requestId: 'r', timeMs: 1, level: 'log', message });
}

test('records of a moment travel together', async () => {
  readPeer();
  for (let index = 0; index < 100; index += 1) log(`line ${index}`);
  await until(
    () => frames.length > 0,
    () => 'the records',
  );
  expect(frames).toHaveLength(1);
  expect(frames[0]?.[99]).toEqual({
    kind: 'log',
    handle: 'h',
    requestId: 'r',
    timeMs: 1,
    level: 'log',
    message: 'line 99',
  });
});

test('many records do not wait for their time', async () => {
  readPeer();
  for (let index = 0; index < 40; index += 1) log('x'.repeat(10_000));
  await until(
    () => frames.flat().length === 40,
    () => 'the records',
  );
  expect(frames.length).toBeGreaterThan(4);
});

test('records that the runner does not read are dropped, and their number is told', async () => {
  while (!pipe.isCongested) {
    log('x'.repeat(10_000));
    batch.flush();
  }
  for (let index = 0; index < 25; index += 1) log('lost');
  readPeer();
  await until(
    () => !pipe.isCongested,
    () => 'the runner to catch up',
  );
  log('kept');
  await until(
    () =>
      frames.at(-1)?.some((record) => record.kind === 'log' && record.message === 'kept') ?? false,
    () => 'the last record',
  );
  expect(frames.flat().filter((record) => record.kind === 'dropped')).toEqual([
    { kind: 'dropped', count: 25 },
  ]);
  expect(JSON.stringify(frames)).not.toContain('lost');
});
