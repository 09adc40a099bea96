import { Secret } from '@openworkers/core';
import { createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type DatabaseOptions } from './database.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const open = (options: Partial<DatabaseOptions> = {}) =>
  createDatabase({
    connectionString: database.owner,
    applicationName: 'ow-test',
    ...options,
  });

test('an unreachable server is database_unavailable with a time to try again', async () => {
  const refused = open({ connectionString: new Secret('postgres://u:p@127.0.0.1:1/db') });
  const noSocket = open({ connectionString: new Secret('postgres://u:p@x/db?host=/nowhere') });
  const expected = { code: 'database_unavailable', status: 503, retryAfterSeconds: 2 };
  for (const unreachable of [refused, noSocket]) {
    await expect(unreachable.ping()).rejects.toMatchObject(expected);
    await expect(sql`select 1`.execute(unreachable.queries)).rejects.toMatchObject(expected);
    await unreachable.close();
  }
});

test('a server that accepts and never answers is given up after the connect timeout', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = new Secret(`postgres://u:p@127.0.0.1:${port}/db`);
  const pool = open({ connectionString: url, connectTimeoutMs: 100 });
  await expect(pool.ping()).rejects.toMatchObject({ code: 'database_unavailable' });
  await pool.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

test('a refused login and an unknown database name DATABASE_URL, without the password', async () => {
  const url = new URL(database.owner.reveal());
  url.password = 'wrong-password';
  const wrong = open({ connectionString: new Secret(url.href) });
  const error: unknown = await wrong.ping().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('DATABASE_URL'),
  });
  expect(String(error)).not.toContain('wrong-password');
  await wrong.close();
  const other = new URL(database.owner.reveal());
  other.pathname = '/no_such_database';
  const unknown = open({ connectionString: new Secret(other.href) });
  await expect(unknown.ping()).rejects.toMatchObject({ code: 'invalid_config' });
  await unknown.close();
});

test('a statement beyond its time is cancelled and the connection stays usable', async () => {
  const pool = open({ statementTimeoutMs: 50, maxConnections: 1 });
  const pid = async () =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(pool.queries)).rows[0]?.pid;
  const before = await pid();
  await expect(sql`select pg_sleep(20)`.execute(pool.queries)).rejects.toMatchObject({
    code: 'database_unavailable',
  });
  expect(await pid()).toBe(before);
  await pool.close();
});

test('waiting for a free connection ends at the limit', async () => {
  const pool = open({ maxConnections: 1, connectTimeoutMs: 100 });
  await pool.queries.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    await expect(sql`select 1`.execute(pool.queries)).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
  await sql`select 1`.execute(pool.queries);
  await pool.close();
});

test('connections that are cut, idle or in use, are replaced', async () => {
  const pool = open({ maxConnections: 1 });
  const admin = open();
  const cut = () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'ow-test' and pid <> pg_backend_pid()
        and datname = current_database()`.execute(admin.queries);
  await pool.ping();
  await cut();
  await expect.poll(() => pool.ping().then(() => 'ok', String)).toBe('ok');
  const inUse = pool.queries.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    await cut();
    await sql`select 1`.execute(tx);
  });
  await expect(inUse).rejects.toMatchObject({ code: 'database_unavailable' });
  await expect.poll(() => pool.ping().then(() => 'ok', String)).toBe('ok');
  await pool.close();
  await admin.close();
});

test('other errors of PostgreSQL pass unchanged', async () => {
  const pool = open();
  await expect(sql`select 1 / 0`.execute(pool.queries)).rejects.toMatchObject({ code: '22012' });
  await expect(sql`select nothing`.execute(pool.queries)).rejects.toMatchObject({ code: '42703' });
  await pool.close();
});

test('int8 arrives as a number, and one that no number can hold is an error', async () => {
  const pool = open();
  const { rows } = await sql`select 9007199254740991::int8 as n`.execute(pool.queries);
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
  await expect(sql`select 9007199254740992::int8 as n`.execute(pool.queries)).rejects.toThrow(
    'int8 out of range',
  );
  await pool.close();
});
