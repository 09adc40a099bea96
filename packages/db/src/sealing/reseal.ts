import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { sealedFor, type Sealer } from './sealer.ts';

/** Every column that is sealed, and what its rows are sealed for (see `sealedFor`). */
const sealedColumns = [
  { table: 'environment_values', column: 'ciphertext', what: 'value' },
  { table: 'storages', column: 'credentials', what: 'credentials' },
  { table: 'databases', column: 'connection', what: 'connection' },
] as const;

const batch = 100;

interface SealedRow {
  readonly id: string;
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
}

/**
 * Seals everything anew that is not sealed with the current master key, of every tenant, in small
 * transactions; may be repeated after an interruption. Answers how many values it was.
 *
 * @throws AppError `secret_unreadable` when a key is missing; what was done before stays
 */
export async function resealAll(queries: Queries, sealer: Sealer): Promise<number> {
  const [current] = await sealer.keyIds();
  let count = 0;
  for (const place of sealedColumns) {
    let resealed;
    do {
      resealed = await queries
        .transaction()
        .execute((transaction) => resealSome(transaction, { ...place, sealer, current }));
      count += resealed;
    } while (resealed > 0);
  }
  return count;
}

async function resealSome(
  queries: Queries,
  options: (typeof sealedColumns)[number] & { sealer: Sealer; current: string | undefined },
): Promise<number> {
  const { table, column, what, sealer, current } = options;
  const { rows } = await sql<SealedRow>`
    select id, ${sql.ref(column)} as ciphertext, key_id as "keyId" from ${sql.table(table)}
    where key_id <> ${current} order by id limit ${batch} for update`.execute(queries);
  for (const row of rows) {
    const identity = sealedFor(table, row.id, what);
    const sealed = await sealer.seal(await sealer.open(row, identity), identity);
    await sql`update ${sql.table(table)}
      set ${sql.ref(column)} = ${sealed.ciphertext}, key_id = ${sealed.keyId}
      where id = ${row.id}`.execute(queries);
  }
  return rows.length;
}
