import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, ensureAdmin, ensureMasterKeys, type Database } from '@openworkers/db';
import { createTestDatabase, type TestDatabase } from '@openworkers/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOw, stable, type Ow } from '../../testing/ow.ts';

let server: TestDatabase;
let database: Database;
let ow: Ow;
const dataDir = mkdtempSync(join(tmpdir(), 'ow-databases-'));

beforeAll(async () => {
  server = await createTestDatabase();
  database = createDatabase({ connectionString: server.roles.cli, applicationName: 'test' });
  await ensureAdmin(database.queries);
  await ensureMasterKeys({ dataDir });
  const { runner, api, cli, postgate } = server.roles;
  const urls = {
    runner: runner.reveal(),
    api: api.reveal(),
    cli: cli.reveal(),
    postgate: postgate.reveal(),
  };
  writeFileSync(join(dataDir, 'database-roles.json'), JSON.stringify({ urls }));
  ow = createOw({ OW_PORT: '8081', OW_DATA_DIR: dataDir });
  await ow.run('alias', 'set', 'local', '--db', urls.cli, '--user', 'admin@localhost');
});
afterAll(async () => {
  ow.dispose();
  rmSync(dataDir, { recursive: true });
  await database.close();
  await server.drop();
});

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ow.run(...args);
  return `${code} ${stable(stdout)}${stable(stderr)}`;
}

test('a database of the platform is made, shown, bound and dropped', async () => {
  expect(await run('databases', 'list')).toBe(
    '0 No databases found. Create one: ow databases create NAME\n',
  );
  expect(await run('db', 'create', 'main', '--max-rows', '500', '-d', 'orders')).toBe(
    '0 Created main. Bind it: ow env bind ENVIRONMENT KEY main --type database\n',
  );
  const { database_name: name } = await database.queries
    .selectFrom('databases')
    .select('database_name')
    .executeTakeFirstOrThrow();
  const exists = async (): Promise<boolean> => {
    const statement = { name: 'exists', text: 'select from pg_database where datname = $1' };
    return (await database.run(statement, [name])).rowCount === 1;
  };
  expect(await exists()).toBe(true);
  expect(await run('databases', 'get', 'main')).toBe(`0 main
  description   orders
  id            <id>
  provider      platform
  rows at most  500
  timeout       30 s
  created       <time>
  updated       <time>
`);
  await ow.run('env', 'create', 'e');
  expect(await run('env', 'bind', 'e', 'DB', 'main', '-t', 'database')).toBe(
    '0 Bound DB to database main in e\n',
  );
  expect(await run('databases', 'delete', 'main', '-y')).toMatch(/^1 error: An environment binds/);
  await ow.run('env', 'unset', 'e', 'DB');
  expect(await run('databases', 'delete', 'main', '-y')).toBe('0 Deleted main\n');
  expect(await exists()).toBe(false);
});

test('a connection string is sealed, and shown nowhere', async () => {
  const url = 'postgres://me:hush-hush@db.example.com/app';
  const piped = await ow.runWithInput(url, 'db', 'create', 'own', '--provider', 'postgres');
  expect(piped).toMatchObject({ code: 0, stderr: '' });
  const shown = [await run('db', 'get', 'own', '--json'), await run('db', 'ls')].join();
  const stored = await database.queries.selectFrom('databases').selectAll().execute();
  const bytes = stored.map(({ connection }) => Buffer.from(connection).toString('latin1')).join();
  expect(shown + bytes + JSON.stringify(stored)).not.toContain('hush');
  expect(
    await run('db', 'create', 'x', '--provider', 'postgres', '--connection-string', 'no'),
  ).toBe('1 error: the connection string is not a postgres:// URL\n');
  expect(await run('db', 'create', 'x', '--timeout', 'long')).toMatch(/^2 error: --timeout is not/);
});

test('storages of both kinds are made and shown, keys masked', async () => {
  expect(await run('storage', 'create', 'files')).toBe(
    '0 Created files. Bind it: ow env bind ENVIRONMENT KEY files --type storage\n',
  );
  const s3 = ['--provider', 's3', '--bucket', 'mine', '--endpoint', 'https://s3.example.com'];
  expect(await run('storage', 'create', 'own', ...s3)).toMatch(/^2 error: --access-key-id is/);
  const key = ['--access-key-id', 'AKIA1234'];
  const made = await ow.runWithInput('hush-hush\n', 'storage', 'create', 'own', ...s3, ...key);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(await run('storage', 'get', 'own')).toBe(`0 own
  id           <id>
  provider     s3
  bucket       mine
  endpoint     https://s3.example.com
  keys         ********
  created      <time>
  updated      <time>
`);
  expect(await run('s', 'ls')).toBe(`0 NAME   PROVIDER  BUCKET  DESCRIPTION
files  platform
own    s3        mine
`);
  expect(await run('storage', 'delete', 'own', '--yes')).toBe('0 Deleted own\n');
  expect(await run('storage', 'create', 'x', '--provider', 'ftp')).toMatch(/^2 error: unknown/);
});
