import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger, Secret } from '@openworkers/core';
import {
  createDatabase,
  createPlatformDatabase,
  createPostgresDatabase,
  createUser,
  databaseIdentity,
  findDatabaseConnection,
  listen,
  type Database,
  type SqlDatabase,
} from '@openworkers/db';
import { createTestDatabase, createTestSealer, type TestDatabase } from '@openworkers/db/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgate, type Postgate } from './postgate.ts';
import type { SqlResult } from './session/session.ts';

const sealer = createTestSealer();
const log = createLogger({ role: 'test', level: 'silent' });
let platform: TestDatabase;
let owner: Database;
let postgate: Postgate;
let mine: SqlDatabase;
let theirs: SqlDatabase;

beforeAll(async () => {
  platform = await createTestDatabase();
  owner = createDatabase({ connectionString: platform.owner, applicationName: 'test' });
  const addressesOf = () => Promise.reject(new Error('is not on the public network'));
  postgate = createPostgate({ server: platform.roles.postgate, sealer, log, addressesOf });
  mine = await create('attacker');
  theirs = await create('victim');
  await sql('create table treasure as select 42 as gold', { database: theirs });
});
afterAll(async () => {
  await postgate.close();
  await owner.close();
  await platform.drop();
});

async function create(username: string): Promise<SqlDatabase> {
  const { tenantId, id: actorId } = await createUser(owner.queries, { username });
  const provisioner = { queries: owner.queries, server: platform.roles.postgate, sealer };
  const input = { tenantId, actorId, name: 'db', maxRows: 10, timeoutSeconds: 1 };
  return createPlatformDatabase(provisioner, input);
}

interface Run {
  readonly database?: SqlDatabase;
  readonly isScript?: boolean;
  readonly signal?: AbortSignal;
}

/** Rows of the last statement. */
async function sql(text: string | string[], options: Run = {}): Promise<SqlResult['rows']> {
  const { database = mine, isScript = false, signal = new AbortController().signal } = options;
  const statements = [text].flat().map((each) => ({ sql: each, params: [] }));
  const { tenantId, id: databaseId } = database;
  const job = { tenantId, databaseId, statements, isScript, hasPlaceholders: false, signal };
  return (await postgate.run(job)).at(-1)?.rows ?? [];
}

/** SQLSTATE or message of the refusal. */
async function refusal(text: string | string[], options: Run = {}): Promise<string> {
  try {
    await sql(text, options);
    return 'ok';
  } catch (error) {
    if (!(error instanceof Error)) return 'no error';
    return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  }
}

async function loginOf({ tenantId, id }: SqlDatabase): Promise<{ name: string; url: URL }> {
  const found = await findDatabaseConnection(owner.queries, { tenantId, databaseId: id });
  if (found?.databaseName === undefined) throw new Error('no platform database');
  const url = new URL(platform.owner.reveal());
  url.username = found.databaseName;
  url.password = await sealer.open(found.connection, databaseIdentity(id));
  url.pathname = `/${found.databaseName}`;
  return { name: found.databaseName, url };
}

async function activity(database: SqlDatabase): Promise<string[]> {
  const { name } = await loginOf(database);
  const client = new Client(platform.owner.reveal());
  await client.connect();
  const { rows } = await client.query<{ query: string }>(
    `select query from pg_stat_activity where usename = $1 and state <> 'idle'`,
    [name],
  );
  await client.end();
  return rows.map(({ query }) => query);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('not within 10 s');
    await nextTurn();
  }
}

const denied = '42501';

test('api 5.1.3, runner 3.3.13: no role can be taken, no file read, no program run', async () => {
  const { name } = await loginOf(theirs);
  const attempts: Record<string, string> = {
    'set role openworkers': denied,
    [`set role ${name}`]: denied,
    'set role ow_cli': denied,
    'set role pg_read_server_files': denied,
    'set session authorization openworkers': denied,
    'reset role': 'ok',
    "select set_config('role', 'ow_runner', false)": denied,
    "do $$ begin execute 'set role ow_postgate'; end $$": denied,
    'grant ow_cli to current_user': denied,
    'create role other': denied,
    'create database other': '25001',
    'alter role current_user superuser': denied,
    'alter role current_user createrole': denied,
    'alter role current_user connection limit 1000': denied,
    "alter system set log_statement = 'all'": '25001',
    "select pg_read_file('/etc/passwd')": denied,
    "select pg_ls_dir('/')": denied,
    "select pg_stat_file('/etc/passwd')": denied,
    "select lo_import('/etc/passwd')": denied,
    "select lo_export(lo_create(0), '/tmp/ow-attack')": denied,
    "copy pg_class to program 'id'": denied,
    "create table loot (t text); copy loot from '/etc/passwd'": '42601',
    "copy (select 1) to '/tmp/ow-attack'": denied,
    'create extension dblink': denied,
    'create extension postgres_fdw': denied,
    'create extension file_fdw': denied,
    "create function f() returns int language c as 'libc', 'getpid'": denied,
    "load 'dblink'": '58P01',
    'create subscription s connection $$host=127.0.0.1$$ publication p': denied,
    'create tablespace t location $$/tmp$$': '25001',
    'create event trigger e on ddl_command_start execute function f()': '42883',
    'select * from pg_authid': denied,
    'select * from pg_hba_file_rules': denied,
    'select pg_reload_conf()': denied,
    'select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user': denied,
    'select pg_cancel_backend(pid) from pg_stat_activity where usename <> current_user': denied,
    'set temp_file_limit = -1': denied,
    "set log_min_messages = 'debug5'": denied,
    'set session_preload_libraries = $$x$$': denied,
  };
  const seen: Record<string, string> = {};
  for (const text of Object.keys(attempts)) seen[text] = await refusal(text);
  // Which of several reasons comes first is not the point.
  for (const [text, code] of Object.entries(seen)) if (code !== 'ok') attempts[text] = code;
  expect(seen).toEqual(attempts);
  expect(Object.entries(seen).filter(([, code]) => code === 'ok')).toEqual([['reset role', 'ok']]);
});

test("api 5.1.2, 5.1.11: the platform's tables and another tenant's are not there, in any schema", async () => {
  const attempts = [
    'select * from public.users',
    'select * from users',
    'select * from databases',
    'select * from treasure',
    "select query_to_xml('select * from public.users', true, true, '')",
    "select query_to_xml('select * from treasure', true, true, '')",
    "select set_config('search_path', 'public, openworkers', true), query_to_xml('select * from users', true, true, '')",
    `select * from "${(await loginOf(theirs)).name}".public.treasure`,
    'select * from openworkers.public.users',
  ];
  for (const text of attempts) expect(await refusal(text), text).toMatch(/^(42P01|0A000)$/);
});

test('api 5.1.2: an id of somebody else, of nobody, or the nil one is no database', async () => {
  const nil = '00000000-0000-0000-0000-000000000000';
  for (const id of [theirs.id, nil, randomUUID()]) {
    expect(await refusal('select 1', { database: { ...mine, id } })).toBe('3D000');
  }
  expect(await sql('select 1')).toEqual([['1']]);
});

test('runner 3.3.13: a login opens its own database, whatever password it gives itself, and loses that', async () => {
  const { name, url } = await loginOf(mine);
  const other = await loginOf(theirs);
  await sql(`alter role current_user password 'mine'`);
  url.password = 'mine';
  const connect = async (database: string): Promise<string> => {
    url.pathname = `/${database}`;
    const client = new Client(url.href);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return 'ok';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    }
  };
  const platformName = new URL(platform.owner.reveal()).pathname.slice(1);
  expect(await connect(name)).toBe('ok');
  expect(await connect(other.name)).toBe(denied);
  expect(await connect('postgres')).toBe(denied);
  expect(await connect('template1')).toBe(denied);
  expect(platformName).toMatch(/^ow_test_/);
  // A fresh Postgate has no open connection, and puts the password back.
  const addressesOf = () => Promise.reject(new Error('no'));
  const fresh = createPostgate({ server: platform.roles.postgate, sealer, log, addressesOf });
  const statements = [{ sql: 'select 1', params: [] }];
  const { tenantId, id: databaseId } = mine;
  const { signal } = new AbortController();
  const job = { tenantId, databaseId, statements, isScript: false, hasPlaceholders: false, signal };
  expect(await fresh.run(job)).toMatchObject([{ rows: [['1']] }]);
  await fresh.close();
  expect(await connect(name)).toBe('28P01');
});

test('runner 3.3.13: nothing of a session is left for the next query', async () => {
  await sql([
    'create table if not exists t (id int)',
    "set search_path to 'pg_temp'",
    'set statement_timeout to 0',
    "set work_mem to '100MB'",
    "select set_config('search_path', 'nowhere', false)",
    'create temp table left_behind (id int)',
    'select pg_advisory_lock(1)',
    'listen everything',
    'declare c cursor with hold for select 1',
  ]);
  for (let i = 0; i < 10; i += 1) {
    const rows =
      await sql(`select current_setting('search_path'), current_setting('statement_timeout'),
      current_setting('work_mem'), (select count(*) from pg_locks where locktype = 'advisory'),
      (select count(*) from pg_cursors where name <> ''), (select count(*) from pg_listening_channels()),
      (select count(*) from pg_prepared_statements where not from_sql is null and name <> ''),
      to_regclass('left_behind')`);
    expect(rows).toEqual([['"$user", public', '1s', '4MB', '0', '0', '0', '0', null]]);
  }
});

test('the end of a transaction cannot be said by SQL', async () => {
  for (const text of [
    'commit',
    ' /* x */ END',
    'rollback',
    'begin',
    "prepare transaction 'x'",
    'savepoint s',
  ]) {
    expect(await refusal(text), text).toBe('25001');
  }
  expect(await refusal('select 1; commit')).toBe('42601');
  expect(await refusal('do $$ begin commit; end $$')).toBe('2D000');
});

test('runner 3.3.4: too many rows are told, and nothing of their statement is kept', async () => {
  await sql('create table if not exists counted (id int)');
  expect(await refusal('insert into counted select generate_series(1, 11) returning id')).toBe(
    'The result has more rows than the limit of 10',
  );
  expect(await refusal('select generate_series(1, 1000000000)')).toMatch(/more rows/);
  expect(
    await refusal(['insert into counted values (1)', 'select generate_series(1, 11)']),
  ).toMatch(/more rows/);
  expect(await sql('select count(*) from counted')).toEqual([['0']]);
});

test('runner 3.3.4: one huge row, and endless notices, are cut off before their end', async () => {
  expect(await refusal("select repeat(repeat('x', 10000), 3000)")).toMatch(/larger than the limit/);
  expect(
    await refusal(
      "do $$ begin loop raise notice '%', repeat(repeat('x', 1000), 1000); end loop; end $$",
    ),
  ).toMatch(/larger than the limit/);
});

test.each([
  ['a sleep', 'select pg_sleep(60)'],
  [
    'a sleep that lifts the timeout',
    "select set_config('statement_timeout', '0', false), pg_sleep(60)",
  ],
  [
    'a sort bomb',
    'select count(*) from (select a from generate_series(1, 50000000) a order by -a) s',
  ],
  [
    'a loop that swallows its cancellation',
    `do $$ begin loop begin perform pg_sleep(1); exception when query_canceled then null; end; end loop; end $$`,
  ],
])('runner 3.3.4: %s ends, here and on the server', async (_name, text) => {
  expect(await refusal(text)).toMatch(/^(57014|08006)$/);
  await until(async () => (await activity(mine)).length === 0);
});

test('runner 3.3.4: a query is cancelled when its event ends', async () => {
  const event = new AbortController();
  const running = refusal('select pg_sleep(50)', { signal: event.signal });
  await until(async () => (await activity(mine)).some((query) => query.includes('pg_sleep(50)')));
  event.abort();
  expect(await running).toBe('57014');
  await until(async () => (await activity(mine)).length === 0);
});

test('a tenant that holds all its connections keeps nobody else waiting', async () => {
  const sleeping = Array.from({ length: 30 }, () => refusal('select pg_sleep(0.5)'));
  expect(await sql('select gold from treasure', { database: theirs })).toEqual([['42']]);
  expect(postgate.connections).toBeLessThanOrEqual(6);
  expect(new Set(await Promise.all(sleeping))).toEqual(new Set(['ok']));
});

test('LISTEN and NOTIFY reach neither tenants nor the platform', async () => {
  const heard: unknown[] = [];
  const connected = Promise.withResolvers<void>();
  const listener = listen({
    connectionString: platform.roles.runner,
    applicationName: 'test-listen',
    onNotify: (notification) => heard.push(notification),
    onConnectionChange: (isConnected) => isConnected && connected.resolve(),
    log,
  });
  await connected.promise;
  await sql(`select pg_notify('ow_invalidate', '{"worker":"${randomUUID()}"}')`);
  // Sent by the platform afterwards, so that what came before would have been heard.
  const worker = randomUUID();
  const said = JSON.stringify({ worker });
  await owner.run({ name: 'say', text: `select pg_notify('ow_invalidate', $1)` }, [said]);
  await until(async () => heard.length > 0);
  await listener.close();
  expect(heard).toEqual([{ worker }]);
});

test('api 5.1.5: a server of the tenant is reached only where the guard allows', async () => {
  const { tenantId } = mine;
  const connectionString = new Secret('postgres://postgres@127.0.0.1/postgres?sslmode=disable');
  const made = await createPostgresDatabase(
    { queries: owner.queries, sealer },
    { tenantId, actorId: tenantId, name: 'inside', connectionString },
  );
  expect(await refusal('select 1', { database: made })).toBe('08001');
});
