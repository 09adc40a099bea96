import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bytes,
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from '../testing/fixtures.ts';
import { createUser } from '../users/queries.ts';
import { deployVersion } from '../versions/queries.ts';
import { createWorker, deleteWorker, findWorker, listWorkers } from './queries.ts';

let db: OpenTestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.drop());

test('a created worker is found by id and by name, only by its tenant', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'found');
  const { tenantId } = user;
  expect(worker).toEqual({
    id: expect.any(String),
    tenantId,
    name: 'found',
    desc: undefined,
    environment: undefined,
    currentVersion: undefined,
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  });
  expect(await findWorker(db.queries, { tenantId, idOrName: 'found' })).toEqual(worker);
  expect(await findWorker(db.queries, { tenantId, idOrName: worker.id })).toEqual(worker);
  const other = await createUser(db.queries, { username: 'stranger' });
  for (const idOrName of ['found', worker.id]) {
    const key = { tenantId: other.tenantId, idOrName };
    expect(await findWorker(db.queries, key)).toBeUndefined();
  }
  expect(await listWorkers(db.queries, other.tenantId)).toEqual([]);
});

test('the list is newest first and shows what serves and which environment is linked', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'older');
  const { tenantId, id: actorId } = user;
  await createWorker(db.queries, { tenantId, actorId, name: 'newer', desc: 'words' });
  await deployVersion(db.queries, {
    tenantId,
    actorId,
    workerId: worker.id,
    codeType: 'javascript',
    code: bytes('1'),
  });
  const environment = await db.queries
    .insertInto('environments')
    .values({ tenant_id: tenantId, name: 'production' })
    .returning(['id', 'name'])
    .executeTakeFirstOrThrow();
  await db.queries
    .updateTable('workers')
    .set({ environment_id: environment.id })
    .where('id', '=', worker.id)
    .execute();
  const list = await listWorkers(db.queries, tenantId);
  expect(list.map(({ name, desc, currentVersion }) => [name, desc, currentVersion])).toEqual([
    ['newer', 'words', undefined],
    ['older', undefined, 1],
  ]);
  expect(list[1]?.environment).toEqual(environment);
});

test('a name is taken for everybody, also for two who ask at once', async () => {
  const { user } = await createUserWithWorker(db.queries, 'taken');
  const other = await createUser(db.queries, { username: 'late' });
  const again = (tenantId: string, actorId: string, name: string) =>
    createWorker(db.queries, { tenantId, actorId, name });
  await expect(again(other.tenantId, other.id, 'taken')).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(again(user.tenantId, user.id, 'taken')).rejects.toMatchObject({
    code: 'name_taken',
  });
  const race = await Promise.allSettled([
    again(user.tenantId, user.id, 'raced'),
    again(other.tenantId, other.id, 'raced'),
  ]);
  expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('bad and reserved names are refused before the database is asked', async () => {
  const { user } = await createUserWithWorker(db.queries, 'names');
  const create = (name: string) =>
    createWorker(db.queries, { tenantId: user.tenantId, actorId: user.id, name });
  for (const name of ['', 'Upper', 'a--b', '-a', 'a.b', 'a'.repeat(53), randomUUID()]) {
    await expect(create(name)).rejects.toMatchObject({ code: 'invalid_name' });
  }
  await expect(create('api')).rejects.toMatchObject({ code: 'name_reserved' });
});

test('the table refuses the same bad names, whoever writes them', async () => {
  const { user } = await createUserWithWorker(db.queries, 'checked');
  for (const name of [
    '',
    'Upper',
    'a--b',
    '-a',
    'a-',
    'a.b',
    'a\n',
    'a'.repeat(53),
    randomUUID(),
  ]) {
    const insert = db.queries
      .insertInto('workers')
      .values({ tenant_id: user.tenantId, name })
      .execute();
    await expect(insert).rejects.toThrow('names_name_check');
  }
});

test('a rename frees the old name and claims the new one', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'before');
  await db.queries
    .updateTable('workers')
    .set({ name: 'after' })
    .where('id', '=', worker.id)
    .execute();
  const { tenantId, id: actorId } = user;
  await createWorker(db.queries, { tenantId, actorId, name: 'before' });
  await expect(
    createWorker(db.queries, { tenantId, actorId, name: 'after' }),
  ).rejects.toMatchObject({ code: 'name_taken' });
});

test('delete removes everything of the worker, frees the name and is recorded', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'gone');
  const { tenantId, id: actorId } = user;
  const input = { tenantId, actorId, workerId: worker.id, codeType: 'javascript' as const };
  await deployVersion(db.queries, { ...input, code: bytes('1') });
  await deployVersion(db.queries, { ...input, code: bytes('2') });
  await sql`insert into domains (name, tenant_id, worker_id)
    values ('gone.example', ${tenantId}, ${worker.id})`.execute(db.queries);
  await sql`insert into worker_limits (worker_id, tenant_id, cpu_ms)
    values (${worker.id}, ${tenantId}, 50)`.execute(db.queries);
  const key = { tenantId, workerId: worker.id, actorId };
  const stranger = await createUser(db.queries, { username: 'not-the-owner' });
  expect(await deleteWorker(db.queries, { ...key, tenantId: stranger.tenantId })).toBe(false);
  expect(await deleteWorker(db.queries, key)).toBe(true);
  expect(await deleteWorker(db.queries, key)).toBe(false);
  for (const table of ['names', 'worker_versions', 'worker_serving', 'domains', 'worker_limits']) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}
      where worker_id = ${worker.id}`.execute(db.queries);
    expect(rows, table).toEqual([{ n: 0 }]);
  }
  const audit = await db.queries
    .selectFrom('audit_log')
    .select(['action', 'details'])
    .where('target_id', '=', worker.id)
    .orderBy('id')
    .execute();
  expect(audit.map(({ action }) => action)).toEqual([
    'worker.create',
    'worker.deploy',
    'worker.deploy',
    'worker.delete',
  ]);
  expect(audit.at(-1)?.details).toEqual({ name: 'gone' });
  await createWorker(db.queries, { tenantId, actorId, name: 'gone' });
});

test('a worker that an environment binds is not deleted', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'bound');
  const { tenantId, id: actorId } = user;
  const { id } = await db.queries
    .insertInto('environments')
    .values({ tenant_id: tenantId, name: 'binds' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.queries
    .insertInto('environment_values')
    .values({
      environment_id: id,
      tenant_id: tenantId,
      key: 'OTHER',
      type: 'worker',
      target_worker_id: worker.id,
    })
    .execute();
  const key = { tenantId, workerId: worker.id, actorId };
  await expect(deleteWorker(db.queries, key)).rejects.toMatchObject({ code: 'worker_in_use' });
  await db.queries.deleteFrom('environments').where('id', '=', id).execute();
  expect(await deleteWorker(db.queries, key)).toBe(true);
});

test('removing a tenant removes all of its rows', async () => {
  const { user, worker } = await createUserWithWorker(db.queries, 'of-tenant');
  const { tenantId, id: actorId } = user;
  await deployVersion(db.queries, {
    tenantId,
    actorId,
    workerId: worker.id,
    codeType: 'javascript',
    code: bytes('1'),
  });
  await db.queries.deleteFrom('tenants').where('id', '=', tenantId).execute();
  expect(await findWorker(db.queries, { tenantId, idOrName: worker.id })).toBeUndefined();
});
