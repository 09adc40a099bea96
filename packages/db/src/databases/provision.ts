import { randomBytes, randomUUID } from 'node:crypto';
import { AppError, type Secret } from '@openworkers/core';
import type { Queries } from '../database.ts';
import type { Actor } from '../environments/queries.ts';
import { sqlState } from '../postgres-error.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { checkConnectionString } from './connection-string.ts';
import { dropPlatformDatabase, makePlatformDatabase } from './platform-database.ts';
import { databaseIdentity, insertDatabase, removeDatabase, type SqlDatabase } from './queries.ts';

/** What makes databases. */
export interface Provisioner {
  readonly queries: Queries;
  /** `RoleUrls.postgate`. */
  readonly server: Secret;
  readonly sealer: Sealer;
}

export interface DatabaseInput extends Actor {
  name: string;
  desc?: string;
  /** 1 to 10 000; 1 000 when left out. */
  maxRows?: number;
  /** 1 to 300; 30 when left out. */
  timeoutSeconds?: number;
}

/**
 * A PostgreSQL database of this server with a login of its own; takes about 50 ms.
 *
 * @throws AppError `invalid_name`, `name_taken`, `invalid_input`, `invalid_config` when Postgate's
 * login may not create databases, `database_unavailable`
 */
export async function createPlatformDatabase(
  { queries, server, sealer }: Provisioner,
  input: DatabaseInput,
): Promise<SqlDatabase> {
  const id = randomUUID();
  const databaseName = `ow_db_${randomBytes(16).toString('hex')}`;
  const password = randomBytes(24).toString('base64url');
  const connection = await sealer.seal(password, databaseIdentity(id));
  // The row first: what dies on the way leaves something that is seen, and can be deleted.
  const created = await insertDatabase(queries, { ...input, id, databaseName, connection });
  try {
    await makePlatformDatabase(server, { name: databaseName, password });
    return created;
  } catch (error) {
    await deleteDatabase({ queries, server }, { ...input, databaseId: id });
    throw explain(error);
  }
}

/**
 * The tenant's own server. Nothing is connected to before a worker asks.
 *
 * @param input `connectionString` is checked for its form; whoever connects checks where it leads
 * @throws AppError `invalid_name`, `name_taken`, `invalid_input`
 */
export async function createPostgresDatabase(
  { queries, sealer }: Omit<Provisioner, 'server'>,
  { connectionString, ...input }: DatabaseInput & { connectionString: Secret },
): Promise<SqlDatabase> {
  checkConnectionString(connectionString);
  const id = randomUUID();
  const connection = await sealer.seal(connectionString.reveal(), databaseIdentity(id));
  return insertDatabase(queries, { ...input, id, databaseName: undefined, connection });
}

/**
 * Deletes a database; of a `platform` database with everything in it, whatever runs there. False when the
 * tenant has no such database.
 *
 * @throws AppError `resource_in_use` when an environment binds it, `database_unavailable`
 */
export function deleteDatabase(
  { queries, server }: Omit<Provisioner, 'sealer'>,
  key: Actor & { databaseId: string },
): Promise<boolean> {
  // Dropped before the row's end is committed: the only order in which nothing can be left that
  // nobody knows of. It takes some 50 ms, in which only this row is locked.
  return removeDatabase(queries, key, async (databaseName) => {
    if (databaseName !== undefined) await dropPlatformDatabase(server, databaseName);
  });
}

/** SQLSTATE insufficient_privilege. */
const insufficientPrivilege = '42501';

function explain(error: unknown): unknown {
  if (sqlState(error) !== insufficientPrivilege) return error;
  const text =
    'DATABASE_URL: its login needs CREATEDB and CREATEROLE so that platform databases can be made';
  return new AppError('invalid_config', text, { cause: error });
}
