import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from './database.ts';
import { putKvEntry } from './kv/entries.ts';
import { createKvNamespace } from './kv/namespaces.ts';
import { findRouteByName } from './routing/queries.ts';
import {
  bytes,
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from './testing/fixtures.ts';
import { deployVersion } from './versions/queries.ts';
import { withTenant } from './with-tenant.ts';
import { createWorker, deleteWorker, listWorkers } from './workers/queries.ts';

let db: OpenTestDatabase;
let api: Database;
let alice: Tenant;
let bob: Tenant;

type Tenant = Awaited<ReturnType<typeof createTenant>>;

beforeAll(async () => {
  db = await openTestDatabase();
  api = createDatabase({ connectionString: db.roles.api, applicationName: 'test-api' });
  alice = await createTenant('alice');
  bob = await createTenant('bob');
});
afterAll(async () => {
  await api.close();
  await db.drop();
});

/** A tenant with a row in every table. */
async function createTenant(name: string) {
  const { user, worker } = await createUserWithWorker(db.queries, name);
  const key = { tenantId: user.tenantId, workerId: worker.id, actorId: user.id };
  await deployVersion(db.queries, { ...key, codeType: 'javascript', code: bytes(name) });
  const owner = { tenant_id: key.tenantId, worker_id: key.workerId };
  await db.queries
    .insertInto('domains')
    .values({ ...owner, name: `${name}.example` })
    .execute();
  await db.queries
    .insertInto('worker_limits')
    .values({ ...owner, cpu_ms: 10 })
    .execute();
  const { id } = await db.queries
    .insertInto('environments')
    .values({ tenant_id: key.tenantId, name })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.queries
    .insertInto('environment_values')
    .values({
      tenant_id: key.tenantId,
      environment_id: id,
      key: 'SECRET',
      type: 'var',
      value: name,
    })
    .execute();
  const { id: namespaceId } = await createKvNamespace(db.queries, { ...key, name });
  const entry = { value: bytes(name), encoding: 'text' as const };
  const never = { metadata: undefined, expiresAt: undefined };
  await putKvEntry(db.database, {
    tenantId: key.tenantId,
    namespaceId,
    key: 'k',
    ...entry,
    ...never,
  });
  const named = { tenant_id: key.tenantId, name };
  await db.queries
    .insertInto('storages')
    .values({ ...named, provider: 'platform' })
    .execute();
  const sealed = { connection: bytes('sealed'), key_id: 'k' };
  const { id: databaseId } = await db.queries
    .insertInto('databases')
    .values({ ...named, ...sealed, provider: 'postgres' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db.queries
    .insertInto('database_tokens')
    .values({
      ...named,
      database_id: databaseId,
      token_hash: Buffer.from(name.padEnd(32)),
      token_prefix: 'pg_',
      allowed_operations: [],
    })
    .execute();
  return { ...key, environmentId: id };
}

async function tenantTables(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    order by 1`.execute(db.queries);
  return rows.map(({ name }) => name);
}

test('a query without a where shows the tenant that is set, and nothing of another', async () => {
  const tables = await tenantTables();
  expect(tables).toEqual([
    'audit_log',
    'database_tokens',
    'databases',
    'domains',
    'environment_values',
    'environments',
    'kv_entries',
    'kv_namespaces',
    'names',
    'storages',
    'tenant_members',
    'users',
    'worker_limits',
    'worker_serving',
    'worker_versions',
    'workers',
  ]);
  for (const table of tables) {
    const visible = await withTenant(api.queries, alice.tenantId, (tx) =>
      sql<{ tenant_id: string }>`select tenant_id from ${sql.table(table)}`.execute(tx),
    );
    expect(new Set(visible.rows.map((row) => row.tenant_id)), table).toEqual(
      new Set([alice.tenantId]),
    );
  }
  const tenants = await withTenant(api.queries, alice.tenantId, (tx) =>
    tx.selectFrom('tenants').select('id').execute(),
  );
  expect(tenants).toEqual([{ id: alice.tenantId }]);
});

test('without a tenant nothing is visible, before and after a transaction that had one', async () => {
  const visible = async () => {
    const counts: number[] = [];
    for (const table of await tenantTables()) {
      const { rows } = await sql`select 1 from ${sql.table(table)}`.execute(api.queries);
      counts.push(rows.length);
    }
    return counts;
  };
  const nothing = (await tenantTables()).map(() => 0);
  expect(await visible()).toEqual(nothing);
  await withTenant(api.queries, alice.tenantId, (tx) => listWorkers(tx, alice.tenantId));
  expect(await visible()).toEqual(nothing);
});

test("another tenant's rows are neither changed nor deleted by statements without a where", async () => {
  const before = await snapshotOf(bob.tenantId);
  await withTenant(api.queries, alice.tenantId, async (tx) => {
    await sql`update workers set "desc" = 'changed'`.execute(tx);
    await sql`update environments set "desc" = 'changed'`.execute(tx);
    await sql`update environment_values set value = 'changed'`.execute(tx);
    await sql`delete from domains`.execute(tx);
    await sql`delete from environment_values`.execute(tx);
    await sql`delete from worker_serving`.execute(tx);
    await sql`delete from worker_versions`.execute(tx);
    await sql`delete from workers`.execute(tx);
    throw new Error('undo');
  }).catch((error: unknown) => expect(error).toEqual(new Error('undo')));
  await withTenant(api.queries, alice.tenantId, async (tx) => {
    await sql`update workers set "desc" = 'changed'`.execute(tx);
    await sql`delete from domains`.execute(tx);
  });
  expect(await snapshotOf(bob.tenantId)).toEqual(before);
  expect(JSON.stringify(await snapshotOf(alice.tenantId))).toContain('changed');
});

async function snapshotOf(tenantId: string): Promise<unknown> {
  const { rows } = await sql`
    select w."desc", w.updated_at, e."desc" as env, v.value, d.name, s.version
    from workers w
    join environments e on e.tenant_id = w.tenant_id
    join environment_values v on v.environment_id = e.id
    left join domains d on d.worker_id = w.id
    join worker_serving s on s.worker_id = w.id
    where w.tenant_id = ${tenantId}`.execute(db.queries);
  return rows;
}

test('rows cannot be written in the name of another tenant', async () => {
  const as = (work: Parameters<typeof withTenant<unknown>>[2]) =>
    withTenant(api.queries, alice.tenantId, work);
  const input = { tenantId: bob.tenantId, actorId: alice.actorId };
  await expect(as((tx) => createWorker(tx, { ...input, name: 'planted' }))).rejects.toThrow(
    'row-level security',
  );
  await expect(
    as((tx) =>
      tx
        .updateTable('environments')
        .set({ tenant_id: bob.tenantId })
        .where('id', '=', alice.environmentId)
        .execute(),
    ),
  ).rejects.toThrow('permission denied');
  await expect(
    as((tx) =>
      sql`insert into audit_log (tenant_id, action, target_id)
        values (${bob.tenantId}, 'x', 'x')`.execute(tx),
    ),
  ).rejects.toThrow('row-level security');
});

test('the query functions work under the API role for the own tenant', async () => {
  const { tenantId, actorId } = alice;
  const worker = await withTenant(api.queries, tenantId, (tx) =>
    createWorker(tx, { tenantId, actorId, name: 'from-the-api' }),
  );
  const deployed = await withTenant(api.queries, tenantId, (tx) =>
    deployVersion(tx, {
      tenantId,
      actorId,
      workerId: worker.id,
      codeType: 'javascript',
      code: bytes('1'),
    }),
  );
  expect(deployed.version).toBe(1);
  expect((await findRouteByName(db.queries, 'from-the-api'))?.serving).toHaveLength(1);
  const key = { tenantId, actorId, workerId: worker.id };
  expect(await withTenant(api.queries, tenantId, (tx) => deleteWorker(tx, key))).toBe(true);
});

test('a foreign worker is not deployed or deleted through the API role, whatever it claims', async () => {
  for (const claimed of [alice.tenantId, bob.tenantId]) {
    const input = {
      tenantId: claimed,
      workerId: bob.workerId,
      actorId: alice.actorId,
      codeType: 'javascript' as const,
      code: bytes('evil'),
    };
    const deploy = withTenant(api.queries, alice.tenantId, (tx) => deployVersion(tx, input));
    await expect(deploy).rejects.toMatchObject({ code: 'worker_not_found' });
    const removed = withTenant(api.queries, alice.tenantId, (tx) => deleteWorker(tx, input));
    expect(await removed).toBe(false);
  }
});

test('a taken name is refused although its owner is invisible', async () => {
  const { tenantId, actorId } = alice;
  const take = withTenant(api.queries, tenantId, (tx) =>
    createWorker(tx, { tenantId, actorId, name: 'bob' }),
  );
  await expect(take).rejects.toMatchObject({ code: 'name_taken' });
});
