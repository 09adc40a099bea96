import { platformLimits } from '@openworkers/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Insertable } from 'kysely';
import type { Schema } from './schema.ts';
import {
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from './testing/fixtures.ts';

let db: OpenTestDatabase;
let mine: { tenantId: string; workerId: string; environmentId: string };
let theirs: typeof mine;

beforeAll(async () => {
  db = await openTestDatabase();
  mine = await createOwner('mine');
  theirs = await createOwner('theirs');
});
afterAll(() => db.drop());

async function createOwner(name: string) {
  const { user, worker } = await createUserWithWorker(db.queries, name);
  const { id } = await db.queries
    .insertInto('environments')
    .values({ tenant_id: user.tenantId, name })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { tenantId: user.tenantId, workerId: worker.id, environmentId: id };
}

type Value = Insertable<Schema['environment_values']>;

async function insert(value: Partial<Value>): Promise<void> {
  await db.queries
    .insertInto('environment_values')
    .values({
      environment_id: mine.environmentId,
      tenant_id: mine.tenantId,
      key: 'KEY',
      type: 'var',
      ...value,
    })
    .execute();
}

test("a foreign tenant's worker cannot be bound, in whatever tenant's name", async () => {
  const target = { type: 'worker' as const, target_worker_id: theirs.workerId };
  await expect(insert(target)).rejects.toThrow('foreign key');
  await expect(insert({ ...target, tenant_id: theirs.tenantId })).rejects.toThrow('foreign key');
});

test("a value cannot be put into a foreign tenant's environment", async () => {
  const value = { environment_id: theirs.environmentId, value: 'x' };
  await expect(insert(value)).rejects.toThrow('foreign key');
});

test("a worker cannot be linked to a foreign tenant's environment", async () => {
  const link = db.queries
    .updateTable('workers')
    .set({ environment_id: theirs.environmentId })
    .where('id', '=', mine.workerId)
    .execute();
  await expect(link).rejects.toThrow('foreign key');
});

test("domain, limits, versions and what serves cannot be given to a foreign tenant's worker", async () => {
  const owner = { worker_id: theirs.workerId, tenant_id: mine.tenantId };
  const inserts = [
    db.queries.insertInto('domains').values({ ...owner, name: 'a.example' }),
    db.queries.insertInto('worker_limits').values({ ...owner, cpu_ms: 1 }),
    db.queries.insertInto('worker_versions').values({
      ...owner,
      version: 1,
      code_type: 'javascript',
      code: Buffer.from('1'),
      deployed_by: mine.tenantId,
    }),
    db.queries.insertInto('worker_serving').values({ ...owner, version: 1, percent: 100 }),
  ];
  for (const query of inserts) await expect(query.execute()).rejects.toThrow('foreign key');
});

test("a foreign tenant's namespace, storage or database cannot be bound", async () => {
  const named = { tenant_id: theirs.tenantId, name: 'theirs' };
  const sealed = { connection: Buffer.from('sealed'), key_id: 'k' };
  const { queries } = db;
  const namespace = queries.insertInto('kv_namespaces').values(named);
  const storage = queries.insertInto('storages').values({ ...named, provider: 'platform' });
  const database = queries
    .insertInto('databases')
    .values({ ...named, ...sealed, provider: 'postgres' });
  const ids = {
    kv: await namespace.returning('id').executeTakeFirstOrThrow(),
    storage: await storage.returning('id').executeTakeFirstOrThrow(),
    database: await database.returning('id').executeTakeFirstOrThrow(),
  };
  const bindings: Partial<Value>[] = [
    { type: 'kv', target_kv_id: ids.kv.id },
    { type: 'storage', target_storage_id: ids.storage.id },
    { type: 'assets', target_storage_id: ids.storage.id },
    { type: 'database', target_database_id: ids.database.id },
  ];
  for (const binding of bindings) {
    await expect(insert(binding), binding.type).rejects.toThrow('foreign key');
  }
});

test('exactly the column of the type is set', async () => {
  const ciphertext = Buffer.from('sealed');
  const wrong: Partial<Value>[] = [
    { type: 'var' },
    { type: 'var', value: 'x', target_worker_id: mine.workerId },
    { type: 'var', value: 'x', ciphertext, key_id: 'k' },
    { type: 'secret', value: 'plain' },
    { type: 'secret', ciphertext },
    { type: 'secret', ciphertext, key_id: 'k', value: 'plain' },
    { type: 'worker', value: mine.workerId },
    { type: 'worker' },
    { type: 'kv', value: 'x' },
    { type: 'storage' },
  ];
  for (const value of wrong) {
    await expect(insert(value), JSON.stringify(value)).rejects.toThrow('environment_values_typed');
  }
});

test('keys are identifiers of at most 64 characters', async () => {
  const limit = platformLimits.bindingKeyLength.tenant;
  for (const key of ['', '1A', 'A-B', 'A B', 'é', 'A\n', 'A'.repeat(limit + 1)]) {
    await expect(insert({ key, value: 'x' }), key).rejects.toThrow('environment_values_key_check');
  }
  await insert({ key: '_'.repeat(limit), value: 'x' });
});

test('values have at most 64 KiB', async () => {
  const limit = platformLimits.bindingValueBytes.tenant;
  await insert({ key: 'LARGEST', value: 'é'.repeat(limit / 2) });
  const larger = insert({ key: 'LARGER', value: `${'é'.repeat(limit / 2)}x` });
  await expect(larger).rejects.toThrow('environment_values_value_check');
});

test('a key is there once', async () => {
  await insert({ key: 'TWICE', value: '1' });
  await expect(insert({ key: 'TWICE', value: '2' })).rejects.toThrow('duplicate key');
});
