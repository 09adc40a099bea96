import type { Logger, Secret } from '@openworkers/core';

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
 * `database_unavailable` when the server cannot be reached or the lock is not free in time
 */
export declare function migrate(options: MigrateOptions): Promise<MigrateResult>;
