import { createLogger } from '@openworkers/core';
import { beforeEach, expect, test } from 'vitest';
import { HandleRegistry, type Instance } from './handle-registry.ts';
import { RecordIntake } from './record-intake.ts';
import { LineRecordSink, type BoundRecord, type WorkerRecord } from './record-sink.ts';
import { testInstance } from './testing/test-instance.ts';

const worker = testInstance({ workerName: 'hello', version: 3 });
const other: Instance = { ...worker, workerId: 'other' };
let now = 0;
const clock = { now: () => now };
let handles: HandleRegistry;
let written: BoundRecord[];
let lines: string[];
let intake: RecordIntake;

beforeEach(() => {
  now = 1_000;
  written = [];
  lines = [];
  handles = new HandleRegistry(clock);
  const log = createLogger({ role: 'test', destination: { write: (line) => lines.push(line) } });
  const mapStack = (stack: string, _version: unknown, deliver: (text: string) => void): void =>
    deliver(`mapped ${stack}`);
  intake = new RecordIntake({
    sink: { write: (record) => written.push(record) },
    mapStack,
    clock,
    log,
  });
});

const logLine = (handle: string, message: string): WorkerRecord & { kind: 'log' } => ({
  kind: 'log',
  handle,
  requestId: 'r',
  timeMs: 5,
  level: 'info',
  message,
});

const invocation = (handle: string | undefined): WorkerRecord => ({
  kind: 'invocation',
  handle,
  requestId: 'r',
  timeMs: 5,
  method: 'GET',
  path: '/',
  status: 200,
  outcome: 'ok',
  cpuMs: 1,
  wallMs: 2,
  isCold: false,
  memoryBytes: 3,
});

test('a record belongs to the worker that its handle was given for', () => {
  const handle = handles.issue(worker);
  intake.take([logLine(handle, 'hi'), invocation(handle)], handles);
  expect(written).toEqual([
    { instance: worker, record: logLine(handle, 'hi') },
    { instance: worker, record: invocation(handle) },
  ]);
});

test('a handle that was never given out, or to another sandbox, says nothing', () => {
  const foreign = new HandleRegistry(clock).issue(other);
  intake.take([logLine('invented', 'hi'), logLine(foreign, 'hi'), invocation(foreign)], handles);
  expect(written).toEqual([{ instance: undefined, record: invocation(foreign) }]);
});

test('handles cannot be guessed', () => {
  const issued = Array.from({ length: 1_000 }, () => handles.issue(worker));
  expect(new Set(issued).size).toBe(1_000);
  expect(issued.every((handle) => /^[0-9a-f]{32}$/.test(handle))).toBe(true);
});

test('stacks are mapped', () => {
  const handle = handles.issue(worker);
  intake.take([{ ...logLine(handle, 'broken'), stack: 'at x' }], handles);
  expect(written[0]?.record).toMatchObject({ message: 'broken', stack: 'mapped at x' });
});

test('one worker cannot drown the others: what is too much is dropped and counted', () => {
  const noisy = handles.issue(worker);
  const quiet = handles.issue(other);
  const long = 'x'.repeat(16_000);
  intake.take(
    Array.from({ length: 1_000 }, () => logLine(noisy, long)),
    handles,
  );
  intake.take([logLine(quiet, 'hi')], handles);
  const fromNoisy = written.filter(({ instance }) => instance?.workerId === 'w').length;
  expect(fromNoisy).toBeGreaterThan(100);
  expect(fromNoisy).toBeLessThan(200);
  expect(written.at(-1)?.instance).toEqual(other);
  intake.reportDropped();
  intake.reportDropped();
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ workerId: 'w', lines: 1_000 - fromNoisy });
  now += 1_000;
  intake.take([logLine(noisy, long)], handles);
  expect(written.at(-1)?.instance).toEqual(worker);
});

test('records that a sandbox had to drop are counted once per report', () => {
  intake.take(
    [
      { kind: 'dropped', count: 3 },
      { kind: 'dropped', count: 4 },
    ],
    handles,
  );
  intake.reportDropped();
  intake.reportDropped();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ records: 7 }]);
});

test('every record is one JSON line without its handle', () => {
  const out: string[] = [];
  const output = { write: (line: string) => void out.push(line) };
  const log = createLogger({ role: 'runner', destination: output }).child({ runner: 1 });
  const sink = new LineRecordSink({ output, log });
  const handle = handles.issue(worker);
  sink.write({ instance: worker, record: logLine(handle, 'two\nlines') });
  sink.write({ instance: worker, record: invocation(handle) });
  log.info('like any other line');
  expect(out.every((line) => line.startsWith('{"level":30,'))).toBe(true);
  expect(out.pop()).toContain('like any other line');
  expect(out.join('')).not.toContain(handle);
  expect(out.map((line) => line.split('\n').length)).toEqual([2, 2]);
  expect(out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {
      role: 'runner',
      runner: 1,
      msg: 'worker log',
      workerId: 'w',
      version: 3,
      workerLevel: 'info',
      message: 'two\nlines',
    },
    { msg: 'request done', workerId: 'w', version: 3, requestId: 'r', status: 200, outcome: 'ok' },
  ]);
});
