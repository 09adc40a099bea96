import { randomUUID } from 'node:crypto';
import { defaultSystemLimits, defaultTenantLimits } from '@openworkers/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '../database.ts';
import {
  bytes,
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from '../testing/fixtures.ts';
import { deployVersion } from '../versions/queries.ts';
import { limitColumnOf } from './limit-overrides.ts';
import {
  findRouteByDomain,
  findRouteByName,
  findRouteVersion,
  loadEnvironment,
  loadVersion,
} from './queries.ts';

let db: OpenTestDatabase;
/** The connection under test: the runner's own role. */
let runner: Database;

beforeAll(async () => {
  db = await openTestDatabase();
  runner = createDatabase({ connectionString: db.roles.runner, applicationName: 'test-runner' });
});
afterAll(async () => {
  await runner.close();
  await db.drop();
});

async function createDeployed(name: string, deploys = 1) {
  const { user, worker } = await createUserWithWorker(db.queries, name);
  const key = { tenantId: user.tenantId, workerId: worker.id, actorId: user.id };
  for (let count = 1; count <= deploys; count += 1) {
    const code = bytes(`code ${count} of ${name}`);
    await deployVersion(db.queries, { ...key, codeType: 'javascript', code });
  }
  return key;
}

async function createEnvironment(tenantId: string): Promise<string> {
  const { id } = await db.queries
    .insertInto('environments')
    .values({ tenant_id: tenantId, name: randomUUID() })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

test('a name leads to its worker with what serves and the default limits', async () => {
  const { tenantId, workerId } = await createDeployed('hello', 2);
  expect(await findRouteByName(runner.queries, 'hello')).toEqual({
    workerId,
    workerName: 'hello',
    tenantId,
    serving: [{ version: 2, percent: 100 }],
    environmentId: undefined,
    environmentRevision: 0,
    limits: defaultTenantLimits(),
    isSystem: false,
  });
  expect(await findRouteByName(runner.queries, 'unknown')).toBeUndefined();
});

test('a worker without a version has a route that serves nothing', async () => {
  await createDeployed('empty', 0);
  expect((await findRouteByName(runner.queries, 'empty'))?.serving).toEqual([]);
});

test('shares of several versions come highest version first', async () => {
  const { tenantId, workerId } = await createDeployed('gradual', 2);
  await db.queries.transaction().execute(async (tx) => {
    await sql`update worker_serving set percent = 25 where worker_id = ${workerId}`.execute(tx);
    await tx
      .insertInto('worker_serving')
      .values({ worker_id: workerId, tenant_id: tenantId, version: 1, percent: 75 })
      .execute();
  });
  expect((await findRouteByName(runner.queries, 'gradual'))?.serving).toEqual([
    { version: 2, percent: 25 },
    { version: 1, percent: 75 },
  ]);
});

test('a custom domain counts only once it is verified', async () => {
  const { tenantId, workerId } = await createDeployed('with-domain');
  const name = 'www.example.com';
  await db.queries
    .insertInto('domains')
    .values({ name, tenant_id: tenantId, worker_id: workerId })
    .execute();
  expect(await findRouteByDomain(runner.queries, name)).toBeUndefined();
  await db.queries
    .updateTable('domains')
    .set({ verified_at: new Date() })
    .where('name', '=', name)
    .execute();
  expect(await findRouteByDomain(runner.queries, name)).toEqual(
    await findRouteByName(runner.queries, 'with-domain'),
  );
  expect(await findRouteByDomain(runner.queries, 'example.com')).toBeUndefined();
});

test('domains are lower-case host names with a dot, so they never look like a worker name', async () => {
  const { tenantId, workerId } = await createDeployed('domain-owner');
  const long = `${'a'.repeat(63)}.`.repeat(4);
  for (const name of ['Example.com', 'nodot', 'a..b', '.a.b', 'a.b.', 'a_b.c', 'a.b:80', long]) {
    const insert = db.queries
      .insertInto('domains')
      .values({ name, tenant_id: tenantId, worker_id: workerId })
      .execute();
    await expect(insert, name).rejects.toThrow('domains_name_check');
  }
});

test('a preview is one version alone, and only one that exists', async () => {
  await createDeployed('previewed', 3);
  await createDeployed('other', 4);
  const route = await findRouteByName(runner.queries, 'previewed');
  const find = (name: string, version: number) =>
    findRouteVersion(runner.queries, { name, version });
  expect(await find('previewed', 1)).toEqual({
    ...route,
    serving: [{ version: 1, percent: 100 }],
  });
  expect(await find('previewed', 4)).toBeUndefined();
  expect(await find('unknown', 1)).toBeUndefined();
});

test('a worker has its own limits where they are set', async () => {
  const { tenantId, workerId } = await createDeployed('limited');
  await db.queries
    .insertInto('worker_limits')
    .values({ worker_id: workerId, tenant_id: tenantId, cpu_ms: 7, memory_bytes: 8_589_934_592 })
    .execute();
  expect((await findRouteByName(runner.queries, 'limited'))?.limits).toEqual({
    ...defaultTenantLimits(),
    cpuMs: 7,
    memoryBytes: 8_589_934_592,
  });
});

test('every limit of the limits table has a column', async () => {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_name = 'worker_limits' and column_name not in ('worker_id', 'tenant_id')
    order by ordinal_position`.execute(db.queries);
  expect(rows.map(({ name }) => name)).toEqual(Object.values(limitColumnOf));
  expect(Object.keys(limitColumnOf)).toEqual(Object.keys(defaultTenantLimits()));
});

test('a system worker has the limits of system workers', async () => {
  const { workerId } = await createDeployed('system-one');
  await db.queries
    .updateTable('workers')
    .set({ is_system: true })
    .where('id', '=', workerId)
    .execute();
  expect(await findRouteByName(runner.queries, 'system-one')).toMatchObject({
    isSystem: true,
    limits: defaultSystemLimits(),
  });
});

test('a version is loaded byte for byte, with its source map when it has one', async () => {
  const { tenantId, workerId, actorId } = await createDeployed('loaded', 0);
  const code = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
  const input = { tenantId, workerId, actorId, codeType: 'typescript' as const, code };
  const { hash } = await deployVersion(db.queries, { ...input, sourceMap: bytes('{"v":3}') });
  await deployVersion(db.queries, { ...input, code: bytes('') });
  const load = (version: number) => loadVersion(runner.queries, { workerId, version });
  const first = await load(1);
  expect({ ...first, code: undefined, sourceMap: undefined }).toEqual({
    workerId,
    tenantId,
    version: 1,
    hash,
    codeType: 'typescript',
    code: undefined,
    sourceMap: undefined,
  });
  expect(Buffer.compare(first?.code ?? bytes('nothing'), code)).toBe(0);
  expect(Buffer.from(first?.sourceMap ?? []).toString()).toBe('{"v":3}');
  expect((await load(2))?.code.byteLength).toBe(0);
  expect((await load(2))?.sourceMap).toBeUndefined();
  expect(await load(3)).toBeUndefined();
});

test('an environment comes with typed values, sorted by key, and its revision', async () => {
  const { tenantId, workerId } = await createDeployed('with-env');
  const environmentId = await createEnvironment(tenantId);
  const empty = await loadEnvironment(runner.queries, environmentId);
  expect(empty).toEqual({ environmentId, tenantId, revision: 1, values: [] });
  await db.queries
    .insertInto('environment_values')
    .values([
      { ...base(environmentId, tenantId), key: 'Z_VAR', type: 'var', value: 'text' },
      {
        ...base(environmentId, tenantId),
        key: 'A_SECRET',
        type: 'secret',
        ciphertext: Buffer.from('sealed'),
        key_id: 'key-1',
      },
      {
        ...base(environmentId, tenantId),
        key: 'M_WORKER',
        type: 'worker',
        target_worker_id: workerId,
      },
    ])
    .execute();
  const loaded = await loadEnvironment(runner.queries, environmentId);
  expect(loaded?.revision).toBe(4);
  expect(loaded?.values).toEqual([
    {
      type: 'secret',
      key: 'A_SECRET',
      id: expect.any(String),
      ciphertext: Buffer.from('sealed'),
      keyId: 'key-1',
    },
    { type: 'worker', key: 'M_WORKER', shape: 'openworkers', targetId: workerId },
    { type: 'var', key: 'Z_VAR', value: 'text' },
  ]);
  expect(await loadEnvironment(runner.queries, randomUUID())).toBeUndefined();
});

test('a route names the linked environment and follows its revision', async () => {
  const { tenantId, workerId } = await createDeployed('linked');
  const environmentId = await createEnvironment(tenantId);
  await db.queries
    .updateTable('workers')
    .set({ environment_id: environmentId })
    .where('id', '=', workerId)
    .execute();
  const find = () => findRouteByName(runner.queries, 'linked');
  expect(await find()).toMatchObject({ environmentId, environmentRevision: 1 });
  const values = db.queries;
  await values
    .insertInto('environment_values')
    .values({ ...base(environmentId, tenantId), key: 'KEY', type: 'var', value: '1' })
    .execute();
  expect(await find()).toMatchObject({ environmentRevision: 2 });
  await values
    .updateTable('environment_values')
    .set({ value: '2' })
    .where('environment_id', '=', environmentId)
    .execute();
  expect(await find()).toMatchObject({ environmentRevision: 3 });
  await values
    .deleteFrom('environment_values')
    .where('environment_id', '=', environmentId)
    .execute();
  expect(await find()).toMatchObject({ environmentRevision: 4 });
  await values.deleteFrom('environments').where('id', '=', environmentId).execute();
  expect(await find()).toMatchObject({ environmentId: undefined, environmentRevision: 0 });
});

function base(environmentId: string, tenantId: string) {
  return { environment_id: environmentId, tenant_id: tenantId };
}
