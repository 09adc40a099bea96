import type { Logger, Secret } from '@openworkers/core';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A connection pool or a transaction: what every query function takes first. */
export type Queries = Kysely<Schema>;

export interface DatabaseOptions {
  connectionString: Secret;
  /** Shown in `pg_stat_activity`, e.g. `ow-runner`. */
  applicationName: string;
  /** Largest number of connections; 10 when left out. */
  maxConnections?: number;
  /** Milliseconds to wait for a connection (from the pool or a new one); 5 000 when left out. */
  connectTimeoutMs?: number;
  /** Milliseconds one statement may take before the server cancels it; 10 000 when left out. */
  statementTimeoutMs?: number;
  /** Told about idle connections that broke; they are replaced by themselves. */
  log?: Logger;
}

export interface Database {
  /** The query builder over the pool; hand this to the query functions. */
  readonly queries: Queries;
  /**
   * Whether the server answers within `timeoutMs`.
   *
   * @throws AppError `database_unavailable`, or `invalid_config` when it refuses the login
   */
  ping(timeoutMs?: number): Promise<void>;
  /** Waits for queries in progress and closes every connection. */
  close(): Promise<void>;
}

/**
 * Opens a bounded pool; no connection is made before the first query. Every failure to reach the
 * server comes out as AppError `database_unavailable` (with `retryAfterSeconds`), a refused login
 * or unknown database as `invalid_config`; other PostgreSQL errors are passed on unchanged.
 */
export declare function createDatabase(options: DatabaseOptions): Database;
