import { AppError } from '@openworkers/core';
import type { Client } from 'pg';
import { sqlState } from './postgres-error.ts';
import type { MigrationFile } from './migration-files.ts';

export interface LedgerEntry {
  version: number;
  name: string;
  sha256: string;
  appliedAt: Date;
}

/** Arbitrary, and the same for everything that changes the schema or its roles. */
const schemaLockKey = 7_305_809_120_443_217n;

/**
 * Waits until this connection is the only one that changes the schema; the lock ends with the
 * connection.
 *
 * @throws AppError `database_unavailable` when it is not free within `timeoutMs`
 */
export async function lockSchema(client: Client, timeoutMs: number): Promise<void> {
  await client.query(`select set_config('lock_timeout', $1, false)`, [`${timeoutMs}ms`]);
  try {
    await client.query('select pg_advisory_lock($1)', [schemaLockKey.toString()]);
  } catch (error) {
    if (sqlState(error) !== '55P03') throw error;
    throw new AppError(
      'database_unavailable',
      `another migration of this database has been running for ${timeoutMs} ms`,
      { cause: error, retryAfterSeconds: 10 },
    );
  }
  await client.query(`select set_config('lock_timeout', '0', false)`);
}

/** Makes the ledger table unless it is there. */
export async function createLedger(client: Client): Promise<void> {
  await client.query(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
}

/** What was applied, in order; nothing when there is no ledger yet. */
export async function readLedger(client: Client): Promise<LedgerEntry[]> {
  const table = await client.query<{ found: boolean }>(
    `select to_regclass('schema_migrations') is not null as found`,
  );
  if (table.rows[0]?.found !== true) return [];
  const { rows } = await client.query<LedgerEntry>(
    `select version, name, sha256, applied_at as "appliedAt"
     from schema_migrations order by version`,
  );
  return rows;
}

/**
 * Compares what was applied with what this program has.
 *
 * @throws AppError `schema_newer` or `migration_mismatch`
 */
export function checkLedger(ledger: readonly LedgerEntry[], files: readonly MigrationFile[]): void {
  const newest = ledger.at(-1);
  if (newest !== undefined && newest.version > files.length) {
    throw new AppError(
      'schema_newer',
      `the database is at schema version ${newest.version} (${newest.name}), this ` +
        `program knows ${files.length}: it was migrated by a newer version of the program`,
    );
  }
  ledger.forEach((entry, index) => {
    const file = files.find((candidate) => candidate.name === entry.name);
    if (file === undefined || entry.version !== index + 1 || file.version !== entry.version) {
      throw mismatch(entry.name, 'was applied to the database but is missing here');
    }
    if (file.sha256 !== entry.sha256)
      throw mismatch(entry.name, 'was changed after it was applied');
  });
}

function mismatch(name: string, problem: string): AppError {
  return new AppError(
    'migration_mismatch',
    `migration ${name} ${problem}; migrations are never edited: add a new one`,
  );
}
