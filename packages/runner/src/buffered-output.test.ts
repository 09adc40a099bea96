import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BufferedOutput } from './buffered-output.ts';

let folder: string;
let path: string;
let fileDescriptor: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-output-'));
  path = join(folder, 'out');
  fileDescriptor = openSync(path, 'w');
});
afterEach(() => {
  closeSync(fileDescriptor);
  rmSync(folder, { recursive: true });
});

const written = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

test('lines arrive complete and in order', async () => {
  const output = new BufferedOutput({ fileDescriptor });
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  for (const line of lines) output.write(`${line}\n`);
  await output.drain();
  expect(written()).toEqual(lines);
  expect(output.dropped).toBe(0);
});

test('what does not fit is dropped by the line and counted; later lines are written again', async () => {
  const output = new BufferedOutput({ fileDescriptor, maxWaiting: 10 });
  for (const line of ['12345\n', '1234\n', '123\n']) output.write(line);
  expect(output.dropped).toBe(1);
  await output.drain();
  output.write('later\n');
  await output.drain();
  expect(written()).toEqual(['12345', '123', 'later']);
});

test('the end of the process writes what is left', () => {
  const output = new BufferedOutput({ fileDescriptor });
  output.write('last words\n');
  output.flushSync();
  expect(written()).toEqual(['last words']);
});

test('nothing hangs when nobody can read any more', async () => {
  const output = new BufferedOutput({ fileDescriptor: openSync('/dev/full', 'w') });
  output.write('lost\n');
  await output.drain();
  output.write('lost\n');
  output.flushSync();
});
