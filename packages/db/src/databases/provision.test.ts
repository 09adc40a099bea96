import { Secret } from '@openworkers/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withAdminClient } from '../admin-client.ts';
import { withDatabase } from '../connection-options.ts';
import { bindResource } from '../environments/values.ts';
import { createEnvironment, type Actor } from '../environments/queries.ts';
import {
  createUserWithWorker,
  openTestDatabase,
  type OpenTestDatabase,
} from '../testing/fixtures.ts';
import { createTestSealer } from '../testing/test-sealer.ts';
import { parseConnectionString } from './connection-string.ts';
import { createPlatformDatabase, createPostgresDatabase, deleteDatabase } from './provision.ts';
import {
  databaseIdentity,
  findDatabase,
  findDatabaseConnection,
  listDatabases,
  type SqlDatabase,
} from './queries.ts';

const sealer = createTestSealer();
let db: OpenTestDatabase;
let alice: Actor;
let bob: Actor;

beforeAll(async () => {
  db = await openTestDatabase();
  alice = await createActor('alice');
  bob = await createActor('bob');
});
afterAll(() => db.drop());

async function createActor(name: string): Promise<Actor> {
  const { user } = await createUserWithWorker(db.queries, name);
  return { tenantId: user.tenantId, actorId: user.id };
}

const provisioner = () => ({ queries: db.queries, server: db.roles.postgate, sealer });

async function loginOf({ id, tenantId }: SqlDatabase): Promise<Secret> {
  const found = await findDatabaseConnection(db.queries, { tenantId, databaseId: id });
  if (found?.databaseName === undefined) throw new Error('no platform database');
  const url = new URL(db.owner.reveal());
  url.username = found.databaseName;
  url.password = await sealer.open(found.connection, databaseIdentity(id));
  url.pathname = `/${found.databaseName}`;
  return new Secret(url.href);
}

async function attempt(url: Secret, sql: string): Promise<string> {
  try {
    await withAdminClient(url, (client) => client.query(sql));
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

test('a platform database has a login of its own, which can connect there and nowhere else', async () => {
  const mine = await createPlatformDatabase(provisioner(), { ...alice, name: 'login' });
  const theirs = await createPlatformDatabase(provisioner(), { ...bob, name: 'login' });
  const [own, other] = [await loginOf(mine), await loginOf(theirs)];
  expect(
    await attempt(own, 'create table t (id int); create schema s; create temp table u ()'),
  ).toBe('ok');
  const elsewhere = [new URL(other.reveal()).pathname.slice(1), 'postgres', 'template1'];
  for (const name of elsewhere) {
    expect(await attempt(withDatabase(own, name), 'select 1'), name).toMatch(/permission denied/);
  }
  const { rows } = await withAdminClient(own, (client) =>
    client.query(`select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
      (select count(*) from pg_auth_members m where m.member = r.oid) as memberships
      from pg_roles r where rolname = current_user`),
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      memberships: 0,
    },
  ]);
});

test('a deleted database is gone with its login, also while it is in use', async () => {
  const made = await createPlatformDatabase(provisioner(), { ...alice, name: 'gone' });
  const url = await loginOf(made);
  const gone = await withAdminClient(url, async (client) => {
    const broken = new Promise<void>((resolve) => client.once('end', resolve));
    await client.query('create table t (id int)');
    const key = { ...alice, databaseId: made.id };
    expect(await deleteDatabase(provisioner(), key)).toBe(true);
    expect(await deleteDatabase(provisioner(), key)).toBe(false);
    await broken;
    return true;
  });
  expect(gone).toBe(true);
  expect(await attempt(url, 'select 1')).toMatch(/refused the login/);
  expect(await findDatabase(db.queries, { ...alice, idOrName: 'gone' })).toBeUndefined();
});

test('what an environment binds is not deleted, nor is what belongs to somebody else', async () => {
  const made = await createPlatformDatabase(provisioner(), { ...alice, name: 'bound' });
  const environment = await createEnvironment(db.queries, { ...alice, name: 'env' });
  const bind = { ...alice, environmentId: environment.id, key: 'DB', type: 'database' as const };
  await bindResource(db.queries, { ...bind, shape: 'openworkers', targetId: made.id });
  const key = { ...alice, databaseId: made.id };
  await expect(deleteDatabase(provisioner(), key)).rejects.toMatchObject({
    code: 'resource_in_use',
  });
  expect(await deleteDatabase(provisioner(), { ...bob, databaseId: made.id })).toBe(false);
  expect(await attempt(await loginOf(made), 'select 1')).toBe('ok');
});

test('a name is taken once, and nothing is left of the second attempt', async () => {
  await createPlatformDatabase(provisioner(), { ...alice, name: 'twice', maxRows: 7 });
  const again = createPlatformDatabase(provisioner(), { ...alice, name: 'twice' });
  await expect(again).rejects.toMatchObject({ code: 'name_taken' });
  const listed = (await listDatabases(db.queries, alice.tenantId)).filter(
    ({ name }) => name === 'twice',
  );
  expect(listed).toMatchObject([{ provider: 'platform', maxRows: 7, timeoutSeconds: 30 }]);
  const bad = createPlatformDatabase(provisioner(), { ...alice, name: 'bad', maxRows: 10_001 });
  await expect(bad).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a connection string is sealed, and has nothing in it but a host and a login', async () => {
  const connectionString = new Secret('postgres://me:p%40ss@db.example:6000/app?sslmode=no-verify');
  const made = await createPostgresDatabase(provisioner(), {
    ...alice,
    name: 'own',
    connectionString,
  });
  expect(made).toMatchObject({ provider: 'postgres', name: 'own' });
  expect(JSON.stringify(made)).not.toContain('ss@db');
  const key = { tenantId: alice.tenantId, databaseId: made.id };
  const found = await findDatabaseConnection(db.queries, key);
  expect(Buffer.from(found?.connection.ciphertext ?? []).includes('example')).toBe(false);
  expect(parseConnectionString(connectionString)).toEqual({
    hostname: 'db.example',
    port: 6000,
    user: 'me',
    password: 'p@ss',
    database: 'app',
    tls: 'encrypt',
  });
  expect(parseConnectionString(new Secret('postgresql://me@h/d'))).toMatchObject({ tls: 'verify' });
});

test.each([
  'mysql://me@h/d',
  'postgres:///d?host=/var/run/postgresql',
  'postgres://me@%2Fvar%2Frun/d',
  'postgres://me@h/d?host=127.0.0.1',
  'postgres://me@h/d?sslrootcert=/etc/passwd',
  'postgres://me@h/d?options=-c%20x%3D1',
  'postgres://me@h/d?sslmode=prefer',
  'postgres://me@h/d?sslmode=constructor',
  'postgres://h/d',
  'postgres://me@h',
  'postgres://me@h/a/b',
  'postgres://me:%00@h/d',
  'postgres://me:%ff@h/d',
  `postgres://me@h/${'d'.repeat(5000)}`,
])('the connection string %s is refused', async (text) => {
  const input = { ...alice, name: 'refused', connectionString: new Secret(text) };
  await expect(createPostgresDatabase(provisioner(), input)).rejects.toMatchObject({
    code: 'invalid_input',
  });
});
