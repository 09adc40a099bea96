import type { Logger, Secret } from '@openworkers/core';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { clientConfig } from './connection-options.ts';
import { createKyselyPool } from './kysely-pool.ts';
import { mapConnectError, mapQueryError } from './postgres-error.ts';
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

/** A statement that each connection prepares once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface Database {
  /** The query builder over the pool; hand this to the query functions. */
  readonly queries: Queries;
  /**
   * Runs a prepared statement outside of any transaction.
   *
   * @throws AppError `database_unavailable`; other PostgreSQL errors unchanged
   */
  run<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number }>;
  /**
   * Whether the server answers.
   *
   * @throws AppError `database_unavailable`, or `invalid_config` when it refuses the login
   */
  ping(): Promise<void>;
  /** Waits for queries in progress and closes every connection. */
  close(): Promise<void>;
}

/**
 * Opens a bounded pool; no connection is made before the first query. Every failure to reach the
 * server comes out as AppError `database_unavailable` (with `retryAfterSeconds`), a refused login
 * or unknown database as `invalid_config`; other PostgreSQL errors are passed on unchanged.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    ...clientConfig({
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
      ...options,
    }),
    max: options.maxConnections ?? 10,
    idleTimeoutMillis: 60_000,
    // The first query after a quiet time should not pay for a login (about 5 ms).
    min: 1,
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on('error', (error) => options.log?.warn({ err: error }, 'idle database connection lost'));
  // A connection that breaks while somebody holds it also emits `error`; its query fails as well,
  // so nothing is lost by ignoring the event, while an unheard one would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const queries = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: createKyselyPool(pool) }),
  });
  return {
    queries,
    run: async <Row extends object>({ name, text }: Statement, values: readonly unknown[]) => {
      try {
        const { rows, rowCount } = await pool.query<Row>({ name, text, values: [...values] });
        return { rows, rowCount: rowCount ?? 0 };
      } catch (error) {
        throw mapQueryError(error);
      }
    },
    ping: async () => {
      await pool.query('select 1').catch((error: unknown) => {
        throw mapConnectError(error);
      });
    },
    // Not `queries.destroy()`: that does nothing before the first query.
    close: () => pool.end(),
  };
}
