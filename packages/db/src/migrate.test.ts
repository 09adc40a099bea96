import { Secret } from '@openworkers/core';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withAdminClient } from './admin-client.ts';
import { migrate } from './migrate.ts';
import { migrationsDirectory } from './migration-files.ts';
import { lockSchema } from './migration-ledger.ts';
import { migrationStatus } from './migration-status.ts';
import { createEmptyTestDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await createEmptyTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'ow-migrations-'));
  await writeFile(join(directory, '0001_first.sql'), 'create table first (id integer);');
  await writeFile(join(directory, '0002_second.sql'), 'create table second (id integer);');
});

afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

const run = () => migrate({ connectionString: database.owner, directory });

async function tableNames(): Promise<string[]> {
  return withAdminClient(database.owner, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    );
    return rows.map((row) => row.name);
  });
}

test('applies the files in order, and nothing the second time', async () => {
  expect(await run()).toEqual({ applied: ['0001_first.sql', '0002_second.sql'], version: 2 });
  expect(await run()).toEqual({ applied: [], version: 2 });
  expect(await tableNames()).toEqual(['first', 'schema_migrations', 'second']);
});

test('applies only what is new', async () => {
  await run();
  await writeFile(join(directory, '0003_third.sql'), 'create table third (id integer);');
  expect(await run()).toEqual({ applied: ['0003_third.sql'], version: 3 });
});

test('refuses a file that was changed after it was applied', async () => {
  await run();
  await writeFile(join(directory, '0001_first.sql'), 'create table first (id bigint);');
  await expect(run()).rejects.toMatchObject({
    code: 'migration_mismatch',
    message: expect.stringContaining('0001_first.sql was changed'),
  });
});

test('refuses when an applied file is missing', async () => {
  await run();
  await rm(join(directory, '0001_first.sql'));
  await writeFile(join(directory, '0001_other.sql'), 'create table other (id integer);');
  await expect(run()).rejects.toMatchObject({
    code: 'migration_mismatch',
    message: expect.stringContaining('0001_first.sql was applied to the database but is missing'),
  });
  expect(await tableNames()).not.toContain('other');
});

test('refuses a gap in the numbers', async () => {
  await rm(join(directory, '0001_first.sql'));
  await expect(run()).rejects.toMatchObject({ code: 'migration_mismatch' });
});

test('refuses a schema that is newer than the program', async () => {
  await run();
  await rm(join(directory, '0002_second.sql'));
  await expect(run()).rejects.toMatchObject({
    code: 'schema_newer',
    message: expect.stringContaining('schema version 2 (0002_second.sql)'),
  });
});

test('leaves nothing of a migration that fails half-way, and keeps those before it', async () => {
  await writeFile(
    join(directory, '0002_second.sql'),
    'create table second (id integer); select 1 / 0;',
  );
  await expect(run()).rejects.toThrow('division by zero');
  expect(await tableNames()).toEqual(['first', 'schema_migrations']);
  const status = await migrationStatus({ connectionString: database.owner, directory });
  expect(status.entries.map((entry) => entry.state)).toEqual(['applied', 'pending']);
});

test('a second migrator waits for the first, then finds nothing to do', async () => {
  await withAdminClient(database.owner, async (holder) => {
    await lockSchema(holder, 1_000);
    const second = run();
    await expect
      .poll(async () => {
        const { rows } = await holder.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_locks
           where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
        );
        return rows[0]?.waiting;
      })
      .toBe(1);
    expect(await tableNames()).toEqual([]);
    await holder.query('select pg_advisory_unlock_all()');
    expect((await second).applied).toHaveLength(2);
  });
  const results = await Promise.all([run(), run(), run()]);
  expect(results.map((result) => result.applied)).toEqual([[], [], []]);
});

test('many migrators at once apply each file once', async () => {
  const results = await Promise.all([run(), run(), run(), run()]);
  expect(results.flatMap((result) => result.applied)).toEqual([
    '0001_first.sql',
    '0002_second.sql',
  ]);
});

test('a migrator gives up waiting at its limit', async () => {
  await withAdminClient(database.owner, async (holder) => {
    await lockSchema(holder, 1_000);
    const waiting = migrate({ connectionString: database.owner, directory, lockTimeoutMs: 50 });
    await expect(waiting).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('another migration'),
    });
  });
  expect(await tableNames()).toEqual([]);
});

test('a login that may not create tables is told so', async () => {
  const owner = await withAdminClient(database.owner, async (client) => {
    await client.query(`create role ow_test_reader login password 'reader'`);
    const url = new URL(database.owner.reveal());
    url.username = 'ow_test_reader';
    url.password = 'reader';
    return url.href;
  });
  try {
    await expect(migrate({ connectionString: new Secret(owner), directory })).rejects.toMatchObject(
      {
        code: 'invalid_config',
        message: expect.stringContaining('DATABASE_URL'),
      },
    );
  } finally {
    await withAdminClient(database.owner, (client) => client.query('drop role ow_test_reader'));
  }
});

test('the status tells applied, pending, changed and missing files apart', async () => {
  const status = () => migrationStatus({ connectionString: database.owner, directory });
  expect(await status()).toEqual({
    isCurrent: false,
    entries: [
      { version: 1, name: '0001_first.sql', state: 'pending', appliedAt: undefined },
      { version: 2, name: '0002_second.sql', state: 'pending', appliedAt: undefined },
    ],
  });
  await run();
  expect((await status()).isCurrent).toBe(true);
  await writeFile(join(directory, '0001_first.sql'), 'select 1;');
  await rm(join(directory, '0002_second.sql'));
  const { entries, isCurrent } = await status();
  expect(entries.map(({ name, state }) => `${name} ${state}`)).toEqual([
    '0001_first.sql changed',
    '0002_second.sql missing',
  ]);
  expect(entries[0]?.appliedAt).toBeInstanceOf(Date);
  expect(isCurrent).toBe(false);
});

test('without a directory the program applies its own migrations', async () => {
  const names = (await readdir(migrationsDirectory)).sort();
  const { applied } = await migrate({ connectionString: database.owner });
  expect(applied).toEqual(names);
});
