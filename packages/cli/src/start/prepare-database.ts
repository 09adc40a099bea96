import { AppError, messageOf, type Logger, type Secret } from '@openworkers/core';
import {
  createDatabase,
  ensureAdmin,
  ensureMasterKeys,
  ensureRoles,
  findForeignKeyIds,
  migrate,
  Sealer,
  type Queries,
  type RoleUrls,
} from '@openworkers/db';

export interface PrepareDatabaseOptions {
  /** The login that owns the schema. */
  readonly connectionString: Secret;
  readonly dataDir: string;
  /** `OW_MASTER_KEY`, if it is set. */
  readonly masterKey: Secret | undefined;
  readonly log: Logger;
}

export interface PreparedDatabase {
  readonly roles: RoleUrls;
  /** The first administrator, whose name the alias `local` uses. */
  readonly adminUsername: string;
}

/** Brings schema, roles and the first user up to date. */
export async function prepareDatabase(options: PrepareDatabaseOptions): Promise<PreparedDatabase> {
  const { connectionString, log } = options;
  const { applied, version } = await migrate({ connectionString, log });
  if (applied.length > 0) log.info({ applied, version }, 'migrated');
  const roles = await ensureRoles(options);
  const masterKeys = { dataDir: options.dataDir, given: options.masterKey };
  const sealer = new Sealer({ load: () => ensureMasterKeys(masterKeys) });
  const database = createDatabase({
    connectionString: roles.cli,
    applicationName: 'ow-start',
    maxConnections: 1,
  });
  try {
    await assertKeysKnown(database.queries, sealer);
    const { user } = await ensureAdmin(database.queries);
    return { roles, adminUsername: user.username };
  } finally {
    await database.close();
  }
}

/** Secrets that nobody here can read would only be noticed when a worker needs them. */
async function assertKeysKnown(queries: Queries, sealer: Sealer): Promise<void> {
  const [foreign] = await findForeignKeyIds(queries, await sealer.keyIds());
  if (foreign === undefined) return;
  throw new AppError(
    'invalid_config',
    `OW_MASTER_KEY: the database has secrets that were encrypted with the key ${foreign}, which is not ` +
      'at hand; give that key, or copy the file master-keys of the data folder that made them',
  );
}

/**
 * Makes sure that the server of `DATABASE_URL` answers.
 *
 * @throws AppError `invalid_config` naming the setting, never the password
 */
export async function assertReachable(databaseUrl: Secret): Promise<void> {
  const database = createDatabase({
    connectionString: databaseUrl,
    applicationName: 'ow-start',
    maxConnections: 1,
  });
  try {
    await database.ping();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'database_unavailable') throw error;
    const reason = error.cause === undefined ? '' : `: ${firstReason(error.cause)}`;
    const text = `DATABASE_URL: PostgreSQL at ${serverOf(databaseUrl)} cannot be reached${reason}`;
    throw new AppError('invalid_config', text, { cause: error });
  } finally {
    await database.close();
  }
}

function serverOf(databaseUrl: Secret): string {
  const { hostname, port, searchParams } = new URL(databaseUrl.reveal());
  const host = searchParams.get('host') ?? (hostname === '' ? 'localhost' : hostname);
  return `${host}:${port === '' ? '5432' : port}`;
}

/** A host with several addresses fails with one error per address. */
function firstReason(cause: unknown): string {
  return messageOf(cause instanceof AggregateError ? cause.errors[0] : cause);
}

/** A schema this program cannot work with, as one line that names the setting and what to do. */
export function explainSchema(error: unknown, setting: string): unknown {
  if (!(error instanceof AppError)) return error;
  const advice = {
    schema_newer: 'update this program (`git pull && npm ci`)',
    migration_mismatch: 'use the program that made the database, or restore its migrations',
  }[String(error.code)];
  if (advice === undefined) return error;
  return new AppError(error.code, `${setting}: ${error.message}; ${advice}`, { cause: error });
}
