import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RotatingFile } from './rotating-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'logs', 'role.log');
const lines = (name: string): string[] =>
  readFileSync(join(folder, 'logs', name), 'utf8')
    .trimEnd()
    .split('\n');

test('a full file is moved away at the end of a line, and only so many are kept', async () => {
  const file = new RotatingFile({ path: path(), maxBytes: 30, keptFiles: 2 });
  for (let number = 10; number < 50; number += 1) {
    await file.write(Buffer.from(`line ${number}`));
    await file.write(Buffer.from('\n'));
  }
  await file.close();
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['role.log.1', 'role.log.2']);
  expect(lines('role.log.1')).toEqual(['line 46', 'line 47', 'line 48', 'line 49']);
  expect(lines('role.log.2')).toEqual(['line 42', 'line 43', 'line 44', 'line 45']);
});

test('an existing file is continued, and only its owner may read it', async () => {
  const first = new RotatingFile({ path: path(), maxBytes: 1000, keptFiles: 1 });
  await first.write(Buffer.from('one\n'));
  await first.close();
  const second = new RotatingFile({ path: path(), maxBytes: 1000, keptFiles: 1 });
  await second.write(Buffer.from('two\n'));
  await second.close();
  expect(lines('role.log')).toEqual(['one', 'two']);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});

test('what cannot be written is dropped and counted, and writing goes on later', async () => {
  const obstacle = join(folder, 'logs');
  writeFileSync(obstacle, 'a file where the folder should be');
  const file = new RotatingFile({ path: path(), maxBytes: 1000, keptFiles: 1 });
  await file.write(Buffer.from('lost\n'));
  rmSync(obstacle);
  await file.write(Buffer.from('kept\n'));
  await file.close();
  const [note, kept] = lines('role.log');
  expect(JSON.parse(note ?? '')).toMatchObject({ msg: 'log lines dropped', bytes: 5 });
  expect(kept).toBe('kept');
});
