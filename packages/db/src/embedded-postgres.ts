import type { Logger, Secret } from '@openworkers/core';

export interface EmbeddedPostgresOptions {
  /** `OW_DATA_DIR`; made when missing. Everything lives in its sub-folder `postgres`. */
  dataDir: string;
  log: Logger;
  /** Milliseconds until the server must accept connections; 60 000 when left out. */
  startTimeoutMs?: number;
}

export interface EmbeddedPostgres {
  /** The superuser's login to the platform database; for `migrate` and `ensureRoles` only. */
  readonly connectionString: Secret;
  /**
   * Resolves when the server process ends, for whatever reason: `expected` is true after `stop`.
   * When it is false, call `startEmbeddedPostgres` again: connection strings stay the same.
   */
  readonly exited: Promise<{ expected: boolean; detail: string }>;
  /**
   * Stops the server: fast shutdown (open transactions are rolled back), after `timeoutMs` (10 000
   * when left out) an immediate one. Committed data is safe either way. Idempotent.
   */
  stop(timeoutMs?: number): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on a private unix socket in the data folder, creating the
 * database on the first start and cleaning up after a crash. It ends by itself within 5 s when
 * this process dies. As root it runs as user `postgres` or `nobody`.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR`: the folder is in use by another live
 * process, belongs to another PostgreSQL major, or cannot be reached by the server's user;
 * `unsupported_platform`; `internal` with the server's last log lines when it does not start
 */
export declare function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres>;
