import type { Transaction } from 'kysely';
import type { Queries } from './database.ts';
import type { Schema } from './schema.ts';

/** Runs `work` in the caller's transaction when there is one, else in one of its own. */
export async function inTransaction<T>(
  queries: Queries,
  work: (transaction: Transaction<Schema> | Queries) => Promise<T>,
): Promise<T> {
  return queries.isTransaction ? work(queries) : queries.transaction().execute(work);
}
