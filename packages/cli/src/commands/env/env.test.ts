import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabase,
  createUser,
  ensureAdmin,
  ensureMasterKeys,
  type Database,
} from '@openworkers/db';
import { createTestDatabase, type TestDatabase } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOw, stable, type Ow } from '../../testing/ow.ts';

let test_: TestDatabase;
let database: Database;
let ow: Ow;
const dataDir = mkdtempSync(join(tmpdir(), 'ow-env-'));

beforeAll(async () => {
  test_ = await createTestDatabase();
  database = createDatabase({ connectionString: test_.roles.cli, applicationName: 'test' });
  await ensureAdmin(database.queries);
  await createUser(database.queries, { username: 'bea' });
  await ensureMasterKeys({ dataDir });
  ow = createOw({ OW_PORT: '8081', OW_DATA_DIR: dataDir });
  const url = test_.roles.cli.reveal();
  await ow.run('alias', 'set', 'local', '--db', url, '--user', 'admin@localhost');
  await ow.run('alias', 'set', 'bea', '--db', url, '--user', 'bea');
});
afterAll(async () => {
  ow.dispose();
  rmSync(dataDir, { recursive: true });
  await database.close();
  await test_.drop();
});

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ow.run(...args);
  return `${code} ${stable(stdout)}${stable(stderr)}`;
}

test('an environment is created, filled, shown with masked secrets, linked and deleted', async () => {
  expect(await run('env', 'list')).toBe(
    '0 No environments found. Create one: ow env create NAME\n',
  );
  expect(await run('env', 'create', 'production', '-d', 'for all')).toBe(
    '0 Created production. Put something in: ow env set production KEY VALUE\n',
  );
  expect(await run('env', 'create', 'production')).toBe(
    '1 error: there is already an environment "production"\n',
  );
  expect(await run('env', 'set', 'production', 'NAME', 'Ada')).toBe(
    '0 Set variable NAME in production\n',
  );
  expect(await run('env', 'set', 'production', 'TOKEN', 'hush-hush', '--secret')).toBe(
    '0 Set secret TOKEN in production\n',
  );
  const piped = await ow.runWithInput('from a pipe\n', 'env', 'set', 'production', 'PIPED', '-s');
  expect(piped.code).toBe(0);
  const typed = await ow.runAtTerminal(true, 'env', 'set', 'production', 'TYPED', '-s', '--json');
  expect(JSON.parse(typed.stdout)).toMatchObject({ key: 'TYPED', value: '********' });
  await ow.run('kv', 'create', 'sessions');
  expect(
    await run('env', 'bind', 'production', 'KV', 'sessions', '-t', 'kv', '--shape', 'cloudflare'),
  ).toBe('0 Bound KV to kv sessions in production\n');
  await ow.run('workers', 'create', 'hello');
  expect(await run('workers', 'link', 'hello', 'production')).toBe(
    '0 Linked hello to production\n',
  );
  expect(await run('env', 'get', 'production')).toBe(`0 production
  description  for all
  id           <id>
  workers      hello

KEY    TYPE             VALUE
KV     kv (cloudflare)  sessions
NAME   var              Ada
PIPED  secret           ********
TOKEN  secret           ********
TYPED  secret           ********
`);
  expect(await run('env', 'ls')).toBe(`0 NAME        VARS  SECRETS  BINDINGS  WORKERS  DESCRIPTION
production  1     3        1         1        for all
`);
  const stored = await database.queries
    .selectFrom('environment_values')
    .select(['key', 'value', 'ciphertext'])
    .where('type', '=', 'secret')
    .execute();
  expect(stored.every(({ value }) => value === null)).toBe(true);
  const text = stored.map(({ ciphertext }) => Buffer.from(ciphertext ?? []).toString('latin1'));
  expect(text.join()).not.toMatch(/hush|pipe|typed/);

  expect(await run('kv', 'delete', 'sessions', '--yes')).toBe(
    '1 error: An environment binds this. Unset the binding first.\n',
  );
  expect(await run('env', 'unset', 'production', 'KV')).toBe('0 Removed KV from production\n');
  expect(await run('env', 'unset', 'production', 'KV')).toBe(
    '1 error: production has no key "KV"\nnext: ow env get production\n',
  );
  expect(await run('workers', 'link', 'hello')).toBe('0 Unlinked hello: its env is empty\n');
  expect(await run('env', 'delete', 'production')).toMatch(/^2 error: delete asks/);
  expect(await run('env', 'delete', 'production', '--yes')).toBe('0 Deleted production\n');
});

test('what is no key, no type, no resource or not yours is refused', async () => {
  await ow.run('env', 'create', 'mine');
  await ow.run('kv', 'create', 'private');
  expect(await run('env', 'set', 'mine', '1X', 'v')).toMatch(/^1 error: "1X" is not a key of env/);
  expect(await run('env', 'set', 'mine', 'X', 'x'.repeat(65_537))).toMatch(/^1 error: a value has/);
  expect(await run('env', 'set', 'other', 'X', 'v')).toBe(
    '1 error: there is no environment "other"\nnext: ow env create other\n',
  );
  expect(await run('env', 'bind', 'mine', 'X', 'y', '--type', 'queue')).toMatch(
    /^2 error: unknown type "queue"/,
  );
  expect(await run('env', 'bind', 'mine', 'X', 'y', '--type', 'kv')).toBe(
    '1 error: there is no kv "y"\n',
  );
  const namespace: unknown = JSON.parse((await ow.run('kv', 'get', 'private', '--json')).stdout);
  const { id } = namespace as { id: string };
  expect(await run('bea', 'kv', 'get', id)).toMatch(/^1 error: there is no key-value namespace/);
  expect(await run('bea', 'env', 'get', 'mine')).toMatch(/^1 error: there is no environment/);
  await ow.run('bea', 'env', 'create', 'hers');
  expect(await run('bea', 'env', 'bind', 'hers', 'X', id, '-t', 'kv')).toMatch(
    /^1 error: there is no kv/,
  );
});

test('the keys of a namespace are written, listed, read and deleted', async () => {
  await ow.run('kv', 'create', 'data');
  expect(await run('kv', 'put-key', 'data', 'a', 'one')).toBe('0 Put a into data\n');
  await ow.runWithInput('bytes', 'kv', 'put-key', 'data', 'b', '--expires-in', '3600');
  expect(await run('kv', 'get-key', 'data', 'a')).toBe('0 one\n');
  expect(await run('kv', 'get-key', 'data', 'b')).toBe('0 bytes\n');
  expect(await run('kv', 'list-keys', 'data', '--limit', '1')).toBe('0 KEY  EXPIRES\na\n');
  expect(await run('kv', 'list-keys', 'data', '--after', 'a')).toBe(
    '0 KEY  EXPIRES\nb    <time>\n',
  );
  expect(await run('kv', 'delete-key', 'data', 'a')).toBe('0 Deleted a from data\n');
  expect(await run('kv', 'get-key', 'data', 'a')).toBe(
    '1 error: data has no key "a"\nnext: ow kv list-keys data\n',
  );
  expect(await run('kv', 'put-key', 'data', 'c', 'v', '--expires-in', 'soon')).toMatch(/^2 error/);
  expect(await run('kv', 'delete', 'data', '-y')).toBe('0 Deleted data\n');
});

test('the master key is rotated: every secret opens with the new one alone', async () => {
  await ow.run('env', 'create', 'rotated');
  for (const key of ['A', 'B']) await ow.run('env', 'set', 'rotated', key, 'before', '-s');
  const keyIds = async () => {
    const rows = await database.queries
      .selectFrom('environment_values')
      .select('key_id')
      .where('type', '=', 'secret')
      .distinct()
      .execute();
    return rows.map(({ key_id }) => key_id);
  };
  const before = await keyIds();
  expect(await run('secrets', 'rotate-key')).toMatch(
    /^0 Encrypted \d secrets with the key [0-9a-f]{16}\. The old keys are kept/,
  );
  const path = join(dataDir, 'master-keys');
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2);
  const after = await keyIds();
  expect([before.length, after.length]).toEqual([1, 1]);
  expect(after).not.toEqual(before);
  expect(await run('secrets', 'rotate-key', '--drop-old')).toMatch(/The old keys are gone\.\n$/);
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(1);
  expect(await run('env', 'set', 'rotated', 'A', 'after', '-s')).toMatch(/^0 /);
});
