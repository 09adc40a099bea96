import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeLocalAlias } from './local-alias.ts';

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ow-alias-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'home', 'config.json');

function write(database_url: string, data_dir = folder): Promise<void> {
  return writeLocalAlias({
    configPath: path(),
    alias: { type: 'db', database_url, user: 'admin@localhost', data_dir },
    warn: (text) => void warnings.push(text),
  });
}

function read(): { default?: string; aliases: Record<string, Record<string, unknown>> } {
  return JSON.parse(readFileSync(path(), 'utf8'));
}

function put(config: object): void {
  mkdirSync(join(folder, 'home'), { recursive: true });
  writeFileSync(path(), JSON.stringify({ version: 1, ...config }));
}

test('a new user gets the alias as the default', async () => {
  await write('postgres://one');
  expect(read()).toEqual({
    version: 1,
    default: 'local',
    aliases: {
      local: {
        type: 'db',
        database_url: 'postgres://one',
        user: 'admin@localhost',
        data_dir: folder,
      },
    },
  });
});

test('a stale alias of this data folder is rewritten; the user’s choices stay', async () => {
  await write('postgres://old');
  const config = read();
  put({
    ...config,
    default: 'cloud',
    aliases: {
      cloud: { type: 'api', url: 'https://x' },
      local: { ...config.aliases['local'], user: 'bea', storage: { bucket: 'b' } },
    },
  });
  await write('postgres://new');
  expect(read()).toMatchObject({
    default: 'cloud',
    aliases: {
      local: { database_url: 'postgres://new', user: 'bea', storage: { bucket: 'b' } },
    },
  });
  expect(warnings).toEqual([]);
});

test('an alias of another platform is kept, with a warning', async () => {
  const other = join(folder, 'other');
  mkdirSync(other);
  await write('postgres://other', other);
  await write('postgres://mine');
  expect(read().aliases['local']).toMatchObject({ database_url: 'postgres://other' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('belongs to another platform');
  rmSync(other, { recursive: true });
  await write('postgres://mine');
  expect(read().aliases['local']).toMatchObject({ database_url: 'postgres://mine' });
});

test('an alias that the user made by hand is kept', async () => {
  put({ aliases: { local: { type: 'db', database_url: 'postgres://by-hand' } } });
  await write('postgres://mine');
  expect(read().aliases['local']).toEqual({ type: 'db', database_url: 'postgres://by-hand' });
});

test('a file that cannot be read is left alone, with a warning', async () => {
  mkdirSync(join(folder, 'home'));
  writeFileSync(path(), 'not json');
  await write('postgres://mine');
  expect(readFileSync(path(), 'utf8')).toBe('not json');
  expect(warnings[0]).toContain('was not written');
});

test('a folder that cannot be made is only a warning', async () => {
  writeFileSync(join(folder, 'home'), 'a file');
  await write('postgres://mine');
  expect(warnings).toHaveLength(1);
  expect(existsSync(path())).toBe(false);
});
