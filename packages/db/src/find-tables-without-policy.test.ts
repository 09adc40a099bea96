import { afterEach, beforeEach, expect, test } from 'vitest';
import { withAdminClient } from './admin-client.ts';
import { findTablesWithoutPolicy } from './find-tables-without-policy.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function problemsAfter(sql: string) {
  await withAdminClient(database.owner, (client) => client.query(sql));
  return findTablesWithoutPolicy(database.owner);
}

const table = 'create table things (id integer primary key, tenant_id uuid not null);';
const index = 'create index on things (tenant_id, id);';
const enable = 'alter table things enable row level security;';
const policy = 'create policy p on things using (tenant_id = ow_tenant_id());';

test('the schema as migrated has no problem', async () => {
  expect(await findTablesWithoutPolicy(database.owner)).toEqual([]);
});

test('a new table with everything has no problem', async () => {
  expect(await problemsAfter(table + index + enable + policy)).toEqual([]);
});

test('a new table with a tenant_id and nothing else has three', async () => {
  expect(await problemsAfter(table)).toEqual([
    { table: 'things', problem: 'no index starts with tenant_id' },
    { table: 'things', problem: 'no policy names ow_tenant_id()' },
    { table: 'things', problem: 'row-level security is not enabled' },
  ]);
});

test('a policy that is written but not enabled is found', async () => {
  expect(await problemsAfter(table + index + policy)).toEqual([
    { table: 'things', problem: 'row-level security is not enabled' },
  ]);
});

test('an index that only contains tenant_id is not enough', async () => {
  const other = 'create index on things (id, tenant_id);';
  expect(await problemsAfter(table + other + enable + policy)).toEqual([
    { table: 'things', problem: 'no index starts with tenant_id' },
  ]);
});

test('a second policy that lets everybody through is found', async () => {
  const open = 'create policy open on things for select using (true);';
  const expected = [
    { table: 'things', problem: 'a policy without ow_tenant_id() applies to ow_api or everybody' },
  ];
  expect(await problemsAfter(table + index + enable + policy + open)).toEqual(expected);
});

test('a table that the API may use needs row-level security even without a tenant_id', async () => {
  const shared = 'create table shared (id integer); grant select on shared to ow_api;';
  expect(await problemsAfter(shared)).toEqual([
    { table: 'shared', problem: 'ow_api may use it, but row-level security is not enabled' },
  ]);
});
