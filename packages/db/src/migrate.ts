import { AppError, messageOf, type Logger, type Secret } from '@openworkers/core';
import type { Client } from 'pg';
import { inClientTransaction, withAdminClient } from './admin-client.ts';
import { migrationsDirectory, readMigrationFiles, type MigrationFile } from './migration-files.ts';
import { checkLedger, createLedger, lockSchema, readLedger } from './migration-ledger.ts';
import { sqlState } from './postgres-error.ts';

export interface MigrateOptions {
  /** Login of the owner of the schema (embedded superuser, or `DATABASE_URL`). */
  connectionString: Secret;
  log?: Logger;
  /** Milliseconds to wait for another migrator to finish; 60 000 when left out. */
  lockTimeoutMs?: number;
  /** Folder with the numbered files; this package's own when left out. */
  directory?: string;
}

export interface MigrateResult {
  /** File names applied by this run, in order; empty when the schema was up to date. */
  applied: string[];
  /** Schema version afterwards. */
  version: number;
}

/**
 * Brings the schema up to date, one transaction per file. A second migrator waits for the first.
 *
 * @throws AppError `migration_mismatch` when an applied file was changed or is missing,
 * `schema_newer` when the database knows versions that this program does not,
 * `database_unavailable` when the server cannot be reached or the lock is not free in time,
 * `invalid_config` when the login is refused or may not create tables
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const { log, lockTimeoutMs = 60_000, directory = migrationsDirectory } = options;
  const files = await readMigrationFiles(directory);
  return withAdminClient(options.connectionString, async (client) => {
    await lockSchema(client, lockTimeoutMs);
    await prepareLedger(client);
    const ledger = await readLedger(client);
    checkLedger(ledger, files);
    const applied: string[] = [];
    for (const file of files.slice(ledger.length)) {
      await applyMigration(client, file);
      log?.info({ migration: file.name }, 'migration applied');
      applied.push(file.name);
    }
    return { applied, version: files.length };
  });
}

async function prepareLedger(client: Client): Promise<void> {
  try {
    await createLedger(client);
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new AppError(
      'invalid_config',
      `DATABASE_URL: this login may not create tables in schema public; make it the owner of the ` +
        `database (${messageOf(error)})`,
      { cause: error },
    );
  }
}

async function applyMigration(client: Client, file: MigrationFile): Promise<void> {
  await inClientTransaction(client, async () => {
    await client.query(file.sql);
    await client.query(
      'insert into schema_migrations (version, name, sha256) values ($1, $2, $3)',
      [file.version, file.name, file.sha256],
    );
  });
}
