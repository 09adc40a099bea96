import { mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { systemClock } from '@openworkers/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PutOptions } from '../object-store.ts';
import { FolderStore } from './folder-store.ts';

const plain: PutOptions = {
  metadata: { http: {}, custom: {} },
  checksums: {},
  conditions: undefined,
};
const onlyNew = {
  etagMatches: null,
  etagDoesNotMatch: ['*'],
  uploadedBeforeMs: null,
  uploadedAfterMs: null,
  secondsGranularity: false,
};
let root: string;
let store: FolderStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ow-folder-'));
  store = await FolderStore.open(join(root, 'one'), systemClock);
});
afterEach(async () => {
  store.close();
  await rm(root, { recursive: true });
});

async function files(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.flatMap(({ name, parentPath }) =>
    /^[0-9a-f]{32}$/.test(name) && !name.includes('sqlite') ? [join(parentPath, name)] : [],
  );
}

async function text(body: Readable | undefined): Promise<string> {
  let all = '';
  for await (const chunk of body ?? []) all += String(chunk);
  return all;
}

const whole = { range: undefined, conditions: undefined };

test('a reader goes on with what it began to read, and nothing is left of it afterwards', async () => {
  await store.put('k', Readable.from([Buffer.alloc(1024 * 1024, 'a')]), plain);
  const reading = await store.get('k', whole);
  await store.put('k', Readable.from([Buffer.from('b')]), plain);
  expect(await text(reading?.content?.body)).toBe('a'.repeat(1024 * 1024));
  expect(await text((await store.get('k', whole))?.content?.body)).toBe('b');
  expect(await files()).toHaveLength(1);
  await store.delete(['k']);
  expect(await files()).toEqual([]);
});

test('content that breaks off, or has another checksum, leaves the old object and no file', async () => {
  await store.put('k', Readable.from([Buffer.from('old')]), plain);
  const broken = new Readable({ read() {} });
  broken.push(Buffer.from('half'));
  const putting = store.put('k', broken, plain);
  broken.destroy(new Error('gone'));
  await expect(putting).rejects.toThrow('gone');
  const wrong = { ...plain, checksums: { sha256: '0'.repeat(64) } };
  const mismatched = store.put('k', Readable.from([Buffer.from('new')]), wrong);
  await expect(mismatched).rejects.toThrow('The sha256 checksum');
  expect(await text((await store.get('k', whole))?.content?.body)).toBe('old');
  expect(await files()).toHaveLength(1);
});

test('of many that put only if nothing is there, one wins, through two runners', async () => {
  const other = await FolderStore.open(join(root, 'one'), systemClock);
  const puts = Array.from({ length: 10 }, (_, i) =>
    (i % 2 === 0 ? store : other).put('k', Readable.from([Buffer.from(String(i))]), {
      ...plain,
      conditions: onlyNew,
    }),
  );
  const won = (await Promise.all(puts)).filter((object) => object !== undefined);
  expect(won).toHaveLength(1);
  expect(await files()).toHaveLength(1);
  other.close();
});

test('a link in place of a file is not followed', async () => {
  await store.put('k', Readable.from([Buffer.from('mine')]), plain);
  const [file = ''] = await files();
  const secret = join(root, 'secret');
  await writeFile(secret, 'host');
  await rename(file, `${file}.moved`);
  await symlink(secret, file);
  await expect(store.get('k', whole)).rejects.toMatchObject({ code: 'ELOOP' });
});

test('names in the folder are no keys', async () => {
  for (const key of ['a', 'ä/b', '%2e%2e', 'CON', '~root']) {
    await store.put(key, Readable.from([Buffer.from('x')]), plain);
  }
  const names = (await files()).map((path) => path.slice(root.length));
  expect(names).toHaveLength(5);
  for (const name of names) expect(name).toMatch(/^\/one\/data\/[0-9a-f]{2}\/[0-9a-f]{32}$/);
});
