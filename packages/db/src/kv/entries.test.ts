import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type OpenTestDatabase } from '../testing/fixtures.ts';

let db: OpenTestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.drop());

test('whatever is known of the table, one key is found by its key', async () => {
  // As a prepared statement is planned once and for all: here while the table is empty.
  const [tenantId, namespaceId] = [randomUUID(), randomUUID()];
  const { rows } = await db.database.run<{ 'QUERY PLAN': string }>(
    {
      name: 'plan',
      text: `explain select value from kv_entries where namespace_id = '${namespaceId}'
        and key = 'k' and tenant_id = '${tenantId}'`,
    },
    [],
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index Cond: \(\(tenant_id = .*namespace_id = .*key = 'k'/);
});
