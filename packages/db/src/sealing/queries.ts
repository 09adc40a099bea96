import { sql } from 'kysely';
import type { Queries } from '../database.ts';

/** Ids of the master keys that something is sealed with and that are not among `known`. */
export async function findForeignKeyIds(
  queries: Queries,
  known: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ keyId: string }>`
    select distinct key_id as "keyId" from (
      select key_id from environment_values
      union select key_id from storages
      union select key_id from databases
    ) as sealed
    where key_id <> all(${known}::text[])`.execute(queries);
  return rows.map(({ keyId }) => keyId);
}
