import { sql, type Transaction } from 'kysely';
import type { Queries } from './database.ts';
import type { Schema } from './schema.ts';

/**
 * Runs `work` in one transaction in which row-level security shows the rows of this tenant only
 * (for roles subject to it, such as the API's).
 */
export async function withTenant<T>(
  queries: Queries,
  tenantId: string,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return queries.transaction().execute(async (transaction) => {
    await sql`select set_config('ow.tenant_id', ${tenantId}, true)`.execute(transaction);
    return work(transaction);
  });
}
