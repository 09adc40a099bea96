import { createLogger, Secret } from '@openworkers/core';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { listen, type Invalidation, type Listener } from './listen.ts';
import {
  bytes,
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from './testing/fixtures.ts';
import { deployVersion } from './versions/queries.ts';
import { deleteWorker } from './workers/queries.ts';

let db: OpenTestDatabase;
let listener: Listener | undefined;
let received: Invalidation[];
let connections: boolean[];

beforeAll(async () => {
  db = await openTestDatabase();
});
afterEach(() => listener?.close());
afterAll(() => db.drop());

function subscribe(connectionString = db.roles.runner): void {
  received = [];
  connections = [];
  listener = listen({
    connectionString,
    applicationName: 'ow-test-listen',
    log: createLogger({ role: 'test', level: 'silent' }),
    onNotify: (notification) => received.push(notification),
    onConnectionChange: (isConnected) => connections.push(isConnected),
    backoffMs: { min: 10, max: 50 },
  });
}

/** Everything received until a mark, sent last, arrives. */
async function drain(): Promise<Invalidation[]> {
  await sql`select pg_notify('ow_invalidate', '{"host":"the-mark"}')`.execute(db.queries);
  await expect
    .poll(() => received.some((item) => 'host' in item && item.host === 'the-mark'))
    .toBe(true);
  return received.splice(0).filter((item) => !('host' in item && item.host === 'the-mark'));
}

test('each change that runners cache is told, with ids only, once it is committed', async () => {
  subscribe();
  await expect.poll(() => connections).toEqual([true]);
  const { user, worker } = await createUserWithWorker(db.queries, 'told');
  const { tenantId, id: actorId } = user;
  expect(await drain()).toEqual([{ host: 'told' }]);

  const input = { tenantId, actorId, workerId: worker.id, codeType: 'javascript' as const };
  await deployVersion(db.queries, { ...input, code: bytes('1') });
  expect(await drain()).toEqual([{ worker: worker.id }]);

  const environment = await db.queries
    .insertInto('environments')
    .values({ tenant_id: tenantId, name: 'env' })
    .returning('id')
    .executeTakeFirstOrThrow();
  expect(await drain()).toEqual([]);

  const link = db.queries.updateTable('workers').where('id', '=', worker.id);
  await link.set({ environment_id: environment.id }).execute();
  expect(await drain()).toEqual([{ worker: worker.id }]);

  const values = { environment_id: environment.id, tenant_id: tenantId };
  await db.queries
    .insertInto('environment_values')
    .values({ ...values, key: 'SECRET', type: 'var', value: 'not-in-the-payload' })
    .execute();
  expect(await drain()).toEqual([{ environment: environment.id }]);

  const owner = { tenant_id: tenantId, worker_id: worker.id };
  await db.queries
    .insertInto('domains')
    .values({ ...owner, name: 'told.example' })
    .execute();
  expect(await drain()).toEqual([{ host: 'told.example' }]);

  await db.queries
    .insertInto('worker_limits')
    .values({ ...owner, cpu_ms: 5 })
    .execute();
  expect(await drain()).toEqual([{ worker: worker.id }]);

  await link.set({ name: 'renamed' }).execute();
  expect(await drain()).toEqual([{ host: 'told' }, { host: 'renamed' }]);

  await db.queries.deleteFrom('environments').where('id', '=', environment.id).execute();
  expect(await drain()).toEqual(
    expect.arrayContaining([{ environment: environment.id }, { worker: worker.id }]),
  );

  await deleteWorker(db.queries, { tenantId, actorId, workerId: worker.id });
  const afterDelete = await drain();
  expect(afterDelete).toHaveLength(3);
  expect(afterDelete).toEqual(
    expect.arrayContaining([{ worker: worker.id }, { host: 'renamed' }, { host: 'told.example' }]),
  );
});

test('a change that is rolled back is not told', async () => {
  subscribe();
  await expect.poll(() => connections).toEqual([true]);
  const { user, worker } = await createUserWithWorker(db.queries, 'undone');
  await drain();
  const deploy = db.queries.transaction().execute(async (tx) => {
    await deployVersion(tx, {
      tenantId: user.tenantId,
      actorId: user.id,
      workerId: worker.id,
      codeType: 'javascript',
      code: bytes('1'),
    });
    throw new Error('undo');
  });
  await expect(deploy).rejects.toThrow('undo');
  expect(await drain()).toEqual([]);
});

test('a lost connection is told, made again, and told again', async () => {
  subscribe();
  await expect.poll(() => connections).toEqual([true]);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'ow-test-listen'`.execute(db.queries);
  await expect.poll(() => connections).toEqual([true, false, true]);
  await createUserWithWorker(db.queries, 'after-reconnect');
  expect(await drain()).toEqual([{ host: 'after-reconnect' }]);
});

test('an unreachable server is tried again until it answers or the listener is closed', async () => {
  subscribe(new Secret('postgres://u:p@127.0.0.1:1/db'));
  await listener?.close();
  expect(connections).toEqual([]);
});

test('payloads of unknown kinds are passed over', async () => {
  subscribe();
  await expect.poll(() => connections).toEqual([true]);
  for (const payload of ['', 'text', '[]', 'null', '{"worker":1}', '{"other":"x"}', '{"wor']) {
    await sql`select pg_notify('ow_invalidate', ${payload})`.execute(db.queries);
  }
  expect(await drain()).toEqual([]);
});

test('nothing is told after close', async () => {
  subscribe();
  await expect.poll(() => connections).toEqual([true]);
  await listener?.close();
  await createUserWithWorker(db.queries, 'after-close');
  await expect
    .poll(async () => {
      const { rows } = await sql`select from pg_stat_activity
        where application_name = 'ow-test-listen'`.execute(db.queries);
      return rows.length;
    })
    .toBe(0);
  expect(received).toEqual([]);
});
