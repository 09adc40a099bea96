import { AppError, isUuid } from '@openworkers/core';
import type { Selectable } from 'kysely';
import { audit } from '../audit.ts';
import type { Queries } from '../database.ts';
import { assertResourceName, type Actor } from '../environments/queries.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { Schema } from '../schema.ts';
import { sealedFor, type Sealed } from '../sealing/sealer.ts';

/** A tenant's SQL database, without what opens it. */
export interface SqlDatabase {
  id: string;
  tenantId: string;
  name: string;
  desc: string | undefined;
  /** `platform`: a database of this server; `postgres`: the tenant's own server. */
  provider: 'platform' | 'postgres';
  /** Largest number of rows that one statement may answer with. */
  maxRows: number;
  timeoutSeconds: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What the row of a database holds besides: for whoever connects. */
export interface SqlDatabaseConnection extends SqlDatabase {
  /** Name of a `platform` database and of its login. */
  databaseName: string | undefined;
  /** The login's password, or the connection string; open it with {@link databaseIdentity}. */
  connection: Sealed;
}

/** What a new row holds. */
export interface NewSqlDatabase extends Actor {
  id: string;
  name: string;
  desc?: string;
  maxRows?: number;
  timeoutSeconds?: number;
  databaseName: string | undefined;
  connection: Sealed;
}

const columns = [
  'id',
  'tenant_id',
  'name',
  'desc',
  'provider',
  'max_rows',
  'timeout_seconds',
  'created_at',
  'updated_at',
] as const;

/** All databases of a tenant, by name. */
export async function listDatabases(queries: Queries, tenantId: string): Promise<SqlDatabase[]> {
  const rows = await queries
    .selectFrom('databases')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(toDatabase);
}

/** One database of the tenant by id or by name. */
export async function findDatabase(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<SqlDatabase | undefined> {
  const row = await queries
    .selectFrom('databases')
    .select(columns)
    .where('tenant_id', '=', key.tenantId)
    .where(isUuid(key.idOrName) ? 'id' : 'name', '=', key.idOrName)
    .executeTakeFirst();
  return row === undefined ? undefined : toDatabase(row);
}

/** A database of the tenant with what opens it. */
export async function findDatabaseConnection(
  queries: Queries,
  key: { tenantId: string; databaseId: string },
): Promise<SqlDatabaseConnection | undefined> {
  const row = await queries
    .selectFrom('databases')
    .select([...columns, 'database_name', 'connection', 'key_id'])
    .where('tenant_id', '=', key.tenantId)
    .where('id', '=', key.databaseId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    ...toDatabase(row),
    databaseName: row.database_name ?? undefined,
    connection: { ciphertext: row.connection, keyId: row.key_id },
  };
}

/** @throws AppError `invalid_name`, `name_taken`, `invalid_input` */
export async function insertDatabase(
  queries: Queries,
  input: NewSqlDatabase,
): Promise<SqlDatabase> {
  const { tenantId, actorId, id, name, desc, databaseName, connection } = input;
  const { maxRows, timeoutSeconds } = input;
  assertResourceName(name);
  assertBetween('maxRows', maxRows, 10_000);
  assertBetween('timeoutSeconds', timeoutSeconds, 300);
  const provider = databaseName === undefined ? 'postgres' : 'platform';
  try {
    return await inTransaction(queries, async (transaction) => {
      const row = await transaction
        .insertInto('databases')
        .values({
          id,
          tenant_id: tenantId,
          name,
          desc: desc ?? null,
          provider,
          database_name: databaseName ?? null,
          connection: connection.ciphertext,
          key_id: connection.keyId,
          ...(maxRows !== undefined && { max_rows: maxRows }),
          ...(timeoutSeconds !== undefined && { timeout_seconds: timeoutSeconds }),
        })
        .returning(columns)
        .executeTakeFirstOrThrow();
      const change = { action: 'database.create', targetId: id, details: { name, provider } };
      await audit(transaction, { tenantId, actorId, ...change });
      return toDatabase(row);
    });
  } catch (error) {
    if (constraintOf(error) !== 'databases_tenant_id_name_key') throw error;
    throw new AppError('name_taken', `there is already a database "${name}"`, { cause: error });
  }
}

/**
 * Removes the row, and does `finish` before that is committed; what the tenant has no row of is not
 * deleted, and the answer is false.
 *
 * @throws AppError `resource_in_use` when an environment binds it
 */
export async function removeDatabase(
  queries: Queries,
  key: Actor & { databaseId: string },
  finish: (databaseName: string | undefined) => Promise<void>,
): Promise<boolean> {
  const { tenantId, actorId, databaseId } = key;
  try {
    return await inTransaction(queries, async (transaction) => {
      const deleted = await transaction
        .deleteFrom('databases')
        .where('id', '=', databaseId)
        .where('tenant_id', '=', tenantId)
        .returning(['name', 'database_name'])
        .executeTakeFirst();
      if (deleted === undefined) return false;
      const details = { name: deleted.name };
      const change = { action: 'database.delete', targetId: databaseId, details };
      await audit(transaction, { tenantId, actorId, ...change });
      await finish(deleted.database_name ?? undefined);
      return true;
    });
  } catch (error) {
    if (constraintOf(error) !== 'environment_values_target_database_id_tenant_id_fkey') throw error;
    throw new AppError('resource_in_use', undefined, { cause: error });
  }
}

/** What the connection of a database's row is sealed for. */
export function databaseIdentity(databaseId: string): string {
  return sealedFor('databases', databaseId, 'connection');
}

function assertBetween(what: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) return;
  throw new AppError('invalid_input', `${what} is a whole number from 1 to ${most}`);
}

function toDatabase(
  row: Pick<Selectable<Schema['databases']>, (typeof columns)[number]>,
): SqlDatabase {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    desc: row.desc ?? undefined,
    provider: row.provider,
    maxRows: row.max_rows,
    timeoutSeconds: row.timeout_seconds,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
