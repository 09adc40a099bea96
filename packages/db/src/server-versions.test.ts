/**
 * The whole schema on servers of their own: the embedded one, and every installed one that is
 * supported. The platform logs in as an ordinary owner, as with a `DATABASE_URL`.
 */
import { createLogger, Secret } from '@openworkers/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withAdminClient } from './admin-client.ts';
import { createDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { findTablesWithoutPolicy } from './find-tables-without-policy.ts';
import { migrate } from './migrate.ts';
import { migrationStatus } from './migration-status.ts';
import { ensureRoles } from './roles.ts';
import { createPlatformDatabase, deleteDatabase, type Provisioner } from './databases/provision.ts';
import { createTestSealer } from './testing/test-sealer.ts';
import type { User } from './users/queries.ts';
import { sql } from 'kysely';
import { findRouteByName, loadVersion } from './routing/queries.ts';
import { bytes, createUserWithWorker } from './testing/fixtures.ts';
import { findSystemBinaries, majorOf } from './testing/system-postgres.ts';
import { deployVersion } from './versions/queries.ts';
import { withTenant } from './with-tenant.ts';
import { listWorkers } from './workers/queries.ts';

const oldestMajor = 15;
const installed = (await findSystemBinaries()).filter((path) => majorOf(path) >= oldestMajor);
const servers: { name: string; binDirectory: string | undefined }[] = [
  { name: 'the embedded PostgreSQL', binDirectory: undefined },
  ...installed.map((path) => ({ name: `PostgreSQL ${majorOf(path)}`, binDirectory: path })),
];
const hasOldest = installed.some((path) => majorOf(path) === oldestMajor);

const log = createLogger({ role: 'test', level: 'silent' });
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

describe.each(servers)('on $name', ({ binDirectory }) => {
  test('migrations, roles, row-level security and a deploy work for an ordinary owner', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ow-version-'));
    folders.push(dataDir);
    const postgres = await startEmbeddedPostgres({
      dataDir,
      log,
      settings: { fsync: 'off' },
      ...(binDirectory !== undefined && { binDirectory }),
    });
    try {
      await useAsOwner(await createOwner(postgres.connectionString), dataDir);
    } finally {
      await postgres.stop();
    }
  });
});

test.skipIf(!hasOldest && process.env['CI'] !== 'true')(
  `PostgreSQL ${oldestMajor}, the oldest supported, is among the servers tried`,
  () => expect(hasOldest, 'no /usr/lib/postgresql/15/bin with initdb').toBe(true),
);
if (!hasOldest) console.warn('skipped: no /usr/lib/postgresql/15/bin with initdb');

async function createOwner(superuser: Secret): Promise<Secret> {
  await withAdminClient(superuser, async (client) => {
    await client.query(`create role platform login createdb createrole password 'platform'`);
    await client.query('create database platform owner platform');
  });
  const url = new URL(superuser.reveal());
  url.username = 'platform';
  url.password = 'platform';
  url.pathname = '/platform';
  return new Secret(url.href);
}

async function useAsOwner(owner: Secret, dataDir: string): Promise<void> {
  await migrate({ connectionString: owner });
  expect(await migrationStatus({ connectionString: owner })).toMatchObject({ isCurrent: true });
  const roles = await ensureRoles({ connectionString: owner, dataDir, log });
  const again = await ensureRoles({ connectionString: owner, dataDir, log });
  expect(again.api.reveal()).toBe(roles.api.reveal());
  const users = Object.values(roles).map((url) => new URL(url.reveal()).username);
  expect(users).toEqual([
    expect.stringMatching(/^ow_runner_/),
    expect.stringMatching(/^ow_api_/),
    expect.stringMatching(/^ow_cli_/),
    expect.stringMatching(/^ow_postgate_/),
  ]);
  expect(await findTablesWithoutPolicy(owner)).toEqual([]);

  const open = (connectionString: Secret) =>
    createDatabase({ connectionString, applicationName: 'test' });
  const [cli, api, runner] = [open(roles.cli), open(roles.api), open(roles.runner)];
  const mine = await createUserWithWorker(cli.queries, 'mine');
  const theirs = await createUserWithWorker(cli.queries, 'theirs');
  for (const { user, worker } of [mine, theirs]) {
    await deployVersion(cli.queries, {
      tenantId: user.tenantId,
      actorId: user.id,
      workerId: worker.id,
      codeType: 'javascript',
      code: bytes(worker.name ?? ''),
    });
  }
  const route = await findRouteByName(runner.queries, 'mine');
  expect(route).toMatchObject({ serving: [{ version: 1, percent: 100 }] });
  const version = await loadVersion(runner.queries, { workerId: mine.worker.id, version: 1 });
  expect(Buffer.from(version?.code ?? []).toString()).toBe('mine');
  const { tenantId } = mine.user;
  const visible = await withTenant(api.queries, tenantId, async (tx) => [
    ...(await listWorkers(tx, tenantId)),
    ...(await listWorkers(tx, theirs.user.tenantId)),
  ]);
  expect(visible.map(({ name }) => name)).toEqual(['mine']);
  expect(await listWorkers(api.queries, tenantId)).toEqual([]);
  await provision({ queries: cli.queries, server: roles.postgate, actor: mine.user });
  await Promise.all([cli.close(), api.close(), runner.close()]);
}

async function provision({
  queries,
  server,
  actor,
}: Omit<Provisioner, 'sealer'> & { actor: User }) {
  const key = { tenantId: actor.tenantId, actorId: actor.id };
  const sealer = createTestSealer();
  const { id } = await createPlatformDatabase(
    { queries, server, sealer },
    { ...key, name: 'mine' },
  );
  const { rows } = await sql<{ database_name: string }>`
    select database_name from databases where id = ${id}`.execute(queries);
  const name = rows[0]?.database_name ?? '';
  const count = async () => {
    const found = await withAdminClient(server, (client) =>
      client.query<{ count: number }>(
        `select (select count(*) from pg_database where datname = $1)
          + (select count(*) from pg_roles where rolname = $1) as count`,
        [name],
      ),
    );
    return found.rows[0]?.count;
  };
  expect(await count()).toBe(2);
  expect(await deleteDatabase({ queries, server }, { ...key, databaseId: id })).toBe(true);
  expect(await count()).toBe(0);
}
