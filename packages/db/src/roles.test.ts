import { createLogger, Secret } from '@openworkers/core';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withAdminClient } from './admin-client.ts';
import { findTablesWithoutPolicy } from './find-tables-without-policy.ts';
import { migrate } from './migrate.ts';
import { readRoleUrls, type RoleUrls } from './role-file.ts';
import { ensureRoles } from './roles.ts';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
let dataDir: string;
let warnings: string[];
/** Roles live in the server, not in the database: removed after each test. */
let createdRoles: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'ow-roles-'));
  warnings = [];
  createdRoles = [];
});

afterEach(async () => {
  await database.drop();
  const server = new URL(database.owner.reveal());
  server.pathname = '/postgres';
  await withAdminClient(new Secret(server.href), async (client) => {
    for (const role of createdRoles) await client.query(`drop role if exists ${role}`);
  });
  await rm(dataDir, { recursive: true });
});

const log = () =>
  createLogger({ role: 'test', destination: { write: (line) => warnings.push(line) } });

async function ensure(connectionString = database.owner): Promise<RoleUrls> {
  const urls = await ensureRoles({ connectionString, dataDir, log: log() });
  for (const url of Object.values(urls)) {
    const { username } = new URL(url.reveal());
    if (/^ow_.*_[0-9a-f]{8}$/.test(username)) createdRoles.push(username);
  }
  return urls;
}

function asLogin(username: string, password: string): Secret {
  const url = new URL(database.owner.reveal());
  url.username = username;
  url.password = password;
  return new Secret(url.href);
}

const currentUser = async (client: Client) =>
  (await client.query<{ name: string }>('select current_user as name')).rows[0]?.name;

/** First word of the answer: `ok`, or the SQLSTATE of the refusal. */
async function attempt(url: Secret, sql: string): Promise<string> {
  return withAdminClient(url, async (client) => {
    try {
      await client.query(sql);
      return 'ok';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    }
  });
}

const denied = '42501';

test('each part gets a login of its own that works, and the file is for the owner only', async () => {
  const urls = await ensure();
  const users = [];
  for (const url of Object.values(urls)) users.push(await withAdminClient(url, currentUser));
  expect(users).toEqual([
    expect.stringMatching(/^ow_runner_[0-9a-f]{8}$/),
    expect.stringMatching(/^ow_api_[0-9a-f]{8}$/),
    expect.stringMatching(/^ow_cli_[0-9a-f]{8}$/),
    expect.stringMatching(/^ow_postgate_[0-9a-f]{8}$/),
  ]);
  expect((await stat(join(dataDir, 'database-roles.json'))).mode & 0o777).toBe(0o600);
  expect((await readRoleUrls(dataDir))?.cli.reveal()).toBe(urls.cli.reveal());
  expect(warnings).toEqual([]);
});

test('a second start changes nothing, and repairs a password that was changed meanwhile', async () => {
  const first = await ensure();
  const second = await ensure();
  expect(second.runner.reveal()).toBe(first.runner.reveal());
  const user = new URL(first.runner.reveal()).username;
  await withAdminClient(database.owner, (client) =>
    client.query(`alter role ${user} password 'other'`),
  );
  await expect(withAdminClient(first.runner, currentUser)).rejects.toMatchObject({
    code: 'invalid_config',
  });
  await ensure();
  expect(await withAdminClient(first.runner, currentUser)).toBe(user);
});

test('two installations on one server do not take away each other’s logins', async () => {
  const first = await ensure();
  const firstFolder = dataDir;
  dataDir = await mkdtemp(join(tmpdir(), 'ow-roles-'));
  const second = await ensure();
  expect(second.api.reveal()).not.toBe(first.api.reveal());
  expect(await withAdminClient(first.api, currentUser)).toMatch(/^ow_api_/);
  expect(await withAdminClient(second.api, currentUser)).toMatch(/^ow_api_/);
  await rm(firstFolder, { recursive: true });
});

test('no password is ever sent to the server in a statement', async () => {
  const urls = await ensure();
  const stored = await withAdminClient(database.owner, (client) =>
    client.query<{ secret: string }>(
      `select rolpassword as secret from pg_authid where rolname = $1`,
      [new URL(urls.cli.reveal()).username],
    ),
  );
  expect(stored.rows[0]?.secret).toMatch(/^SCRAM-SHA-256\$4096:/);
  expect(await readFile(join(dataDir, 'database-roles.json'), 'utf8')).toContain(
    new URL(urls.cli.reveal()).password,
  );
});

test('the runner reads what requests need and nothing else, and writes nothing', async () => {
  const { runner } = database.roles;
  const readable = [
    'environments',
    'workers',
    'names',
    'worker_limits',
    'domains',
    'worker_versions',
    'worker_serving',
    'environment_values',
  ];
  for (const table of readable) {
    expect(await attempt(runner, `select * from ${table}`), table).toBe('ok');
    expect(await attempt(runner, `delete from ${table}`), table).toBe(denied);
    expect(await attempt(runner, `insert into ${table} default values`), table).toBe(denied);
  }
  for (const table of ['users', 'tenants', 'tenant_members', 'audit_log', 'schema_access']) {
    expect(await attempt(runner, `select * from ${table}`), table).toBe(denied);
  }
  expect(await attempt(runner, 'create table mine (id integer)')).toBe(denied);
  expect(await attempt(runner, `update worker_serving set percent = 1`)).toBe(denied);
});

test('the API may not choose what the platform decides', async () => {
  const { api } = database.roles;
  const refused = [
    'update workers set is_system = true',
    'update workers set tenant_id = tenant_id',
    'update environments set revision = 1',
    'update domains set verified_at = now()',
    'insert into worker_limits (worker_id, tenant_id) values (gen_random_uuid(), gen_random_uuid())',
    'insert into names (name, tenant_id, worker_id) values (null, null, null)',
    'update users set role = $$admin$$',
    'update worker_versions set message = null',
    'update audit_log set action = $$x$$',
    'delete from audit_log',
    'truncate workers',
    'alter table workers disable row level security',
    'set role ow_cli',
    'create table mine (id integer)',
  ];
  for (const sql of refused) expect(await attempt(api, sql), sql).toBe(denied);
});

test('the command line may not change the schema, the ledger or the past', async () => {
  const { cli } = database.roles;
  const refused = [
    'drop table workers',
    'create table mine (id integer)',
    'delete from schema_migrations',
    'delete from audit_log',
    'update audit_log set action = $$x$$',
    'update worker_versions set message = null',
    'alter table worker_versions disable trigger all',
    'insert into names (name, tenant_id, worker_id) values (null, null, null)',
  ];
  for (const sql of refused) expect(await attempt(cli, sql), sql).toBe(denied);
});

test('the past is refused to the owner as well', async () => {
  await withAdminClient(database.owner, (client) =>
    client.query(`insert into audit_log (tenant_id, action, target_id)
      values (gen_random_uuid(), 'test', 'test')`),
  );
  for (const sql of ['delete from audit_log', `update audit_log set action = 'x'`]) {
    expect(await attempt(database.owner, sql), sql).toBe('23001');
  }
  expect(await attempt(database.owner, 'truncate audit_log')).toBe('23001');
});

test('a grant or policy changed by hand is put back by the next start', async () => {
  await ensure();
  await withAdminClient(database.owner, async (client) => {
    await client.query('grant delete on workers to ow_runner');
    await client.query('drop policy runner_reads on names');
    await client.query('create policy hole on users to ow_api using (true)');
  });
  expect(await attempt(database.roles.runner, 'delete from workers')).toBe('ok');
  await ensure();
  expect(await attempt(database.roles.runner, 'delete from workers')).toBe(denied);
  expect(await findTablesWithoutPolicy(database.owner)).toEqual([]);
  const { rows } = await withAdminClient(database.owner, (client) =>
    client.query(
      `select from pg_policies where tablename = 'names' and policyname = 'runner_reads'`,
    ),
  );
  expect(rows).toHaveLength(1);
});

test('nothing is locked when the access is as it should be', async () => {
  await ensure();
  await withAdminClient(database.roles.cli, async (reader) => {
    await reader.query('begin');
    await reader.query('select * from workers');
    // Applying access.sql would wait for this transaction; so this would never end.
    await ensure();
    await reader.query('rollback');
  });
});

test('without the right to create roles every part uses the given login, and is told so', async () => {
  await withPlainOwner(async (owner) => {
    const urls = await ensure(owner);
    for (const url of Object.values(urls)) expect(url.reveal()).toBe(owner.reveal());
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('DATABASE_URL may not create roles');
    expect(warnings[0]).not.toContain('owner-password');
    expect(await attempt(urls.runner, 'select * from workers')).toBe('ok');
  });
});

/** A migrated database that belongs to an ordinary login. */
async function withPlainOwner(work: (owner: Secret) => Promise<void>): Promise<void> {
  const own = await createEmptyTestDatabase();
  const name = new URL(own.owner.reveal()).pathname.slice(1);
  createdRoles.push('ow_test_owner');
  await withAdminClient(own.owner, async (client) => {
    await client.query(`create role ow_test_owner login password 'owner-password'`);
    await client.query(`alter database ${name} owner to ow_test_owner`);
  });
  const url = new URL(asLogin('ow_test_owner', 'owner-password').reveal());
  url.pathname = `/${name}`;
  const owner = new Secret(url.href);
  try {
    await migrate({ connectionString: owner });
    await work(owner);
  } finally {
    await own.drop();
  }
}
