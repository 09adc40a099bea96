import { messageOf, platformLimits, type Logger, type Secret } from '@openworkers/core';
import {
  createDatabase,
  databaseIdentity,
  findDatabaseConnection,
  type Database,
  type Sealer,
  type SqlDatabaseConnection,
} from '@openworkers/db';
import { Backends } from './session/backends.ts';
import { connectPlatform, connectServer, type AddressesOf } from './session/connect.ts';
import type { Session, SqlResult, SqlStatement } from './session/session.ts';
import { SessionPool } from './session/session-pool.ts';
import { rewritePlaceholders } from './sql/placeholders.ts';
import { assertNoTransactionControl, splitStatements } from './sql/statements.ts';
import { SqlFailure } from './sql-failure.ts';

export interface PostgateOptions {
  /** Login of Postgate itself: for its own connection, never for a tenant's SQL. */
  readonly server: Secret;
  readonly sealer: Sealer;
  /** Which addresses of a tenant's own server may be connected to; rejects when none. */
  readonly addressesOf: AddressesOf;
  readonly log: Logger;
  /** Connections to tenants' databases in all; a limit of the platform when left out. */
  readonly maxConnections?: number;
}

/** SQL of a tenant, for one database of that tenant. */
export interface SqlJob {
  readonly tenantId: string;
  readonly databaseId: string;
  /** One transaction. With `isScript`, each may be several, and has no parameters. */
  readonly statements: readonly SqlStatement[];
  readonly isScript: boolean;
  /** Whether `?` and `?1` stand for parameters. */
  readonly hasPlaceholders: boolean;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

const maxBytes = platformLimits.databaseAnswerBytes.tenant;
const maxStatementBytes = platformLimits.databaseStatementBytes.tenant;
const maxStatements = platformLimits.databaseBatchStatements.tenant;
const cacheMs = 1_000;
const maxCached = 10_000;

/** Runs tenants' SQL, each in the tenant's own database and as its own login. */
export class Postgate {
  readonly #options: PostgateOptions;
  readonly #own: Database;
  readonly #backends: Backends;
  readonly #pool: SessionPool;
  readonly #known = new Map<
    string,
    { found: Promise<SqlDatabaseConnection | undefined>; atMs: number }
  >();

  constructor(options: PostgateOptions) {
    this.#options = options;
    this.#own = createDatabase({
      connectionString: options.server,
      applicationName: 'ow-postgate',
      maxConnections: 4,
      log: options.log,
    });
    this.#backends = new Backends({ queries: this.#own.queries, log: options.log });
    this.#pool = new SessionPool({
      maxConnections: options.maxConnections ?? platformLimits.databaseConnections.tenant,
      maxPerDatabase: platformLimits.databaseConnectionsEach.tenant,
      maxWaiting: 2_000,
      waitMs: 10_000,
      idleMs: 30_000,
    });
  }

  /** Open connections to tenants' databases. */
  get connections(): number {
    return this.#pool.size;
  }

  /** @throws SqlFailure what the tenant is told; AppError `database_unavailable`, `secret_unreadable` */
  async run(job: SqlJob): Promise<SqlResult[]> {
    const statements = prepare(job);
    const database = await this.#find(job);
    if (database === undefined)
      throw new SqlFailure('There is no such database', { code: '3D000' });
    const key = `${database.id} ${database.updatedAt.getTime()}`;
    const { signal } = job;
    const connect = (): Promise<Session> => this.#connect(database);
    const session = await this.#pool.take(key, { connect, signal });
    return this.#use(session, { database, statements, signal });
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#own.close();
  }

  async #use(session: Session, { database, statements, signal }: Use): Promise<SqlResult[]> {
    const timeoutMs = database.timeoutSeconds * 1_000;
    const limits = { maxRows: database.maxRows, maxBytes, timeoutMs };
    const watch = this.#backends.watch(session, { database, signal, timeoutMs });
    try {
      signal.throwIfAborted();
      const results = await session.run(statements, limits);
      watch.stop();
      this.#recycle(session);
      return results;
    } catch (error) {
      const reason = watch.stop();
      // What was cancelled on the way may still be arriving there.
      if (session.isBroken || reason !== undefined || !(error instanceof SqlFailure)) {
        this.#pool.drop(session);
        this.#backends.end(session, database);
      } else {
        this.#recycle(session);
      }
      throw reason ?? (error instanceof SqlFailure ? error : lost(error));
    }
  }

  /** The caller does not wait for it. */
  #recycle(session: Session): void {
    session.reset().then(
      () => this.#pool.give(session),
      () => this.#pool.drop(session),
    );
  }

  async #connect(database: SqlDatabaseConnection): Promise<Session> {
    const { sealer, server, addressesOf } = this.#options;
    const opened = await sealer.open(database.connection, databaseIdentity(database.id));
    const { databaseName } = database;
    if (databaseName === undefined) return connectServer(opened, addressesOf);
    return connectPlatform(server, { name: databaseName, password: opened });
  }

  #find({ tenantId, databaseId }: SqlJob): Promise<SqlDatabaseConnection | undefined> {
    const key = `${tenantId} ${databaseId}`;
    const known = this.#known.get(key);
    const now = performance.now();
    if (known !== undefined && now - known.atMs < cacheMs) return known.found;
    if (this.#known.size >= maxCached) this.#known.clear();
    const found = findDatabaseConnection(this.#own.queries, { tenantId, databaseId });
    this.#known.set(key, { found, atMs: now });
    found.catch(() => this.#known.delete(key));
    return found;
  }
}

interface Use {
  readonly database: SqlDatabaseConnection;
  readonly statements: readonly SqlStatement[];
  readonly signal: AbortSignal;
}

export function createPostgate(options: PostgateOptions): Postgate {
  return new Postgate(options);
}

/** @throws SqlFailure */
function prepare({ statements, isScript, hasPlaceholders }: SqlJob): readonly SqlStatement[] {
  for (const { sql } of statements) {
    // The protocol ends a statement there: what follows would be read as something else.
    if (sql.includes('\0')) throw new SqlFailure('SQL cannot contain the character U+0000');
    if (Buffer.byteLength(sql) > maxStatementBytes) {
      throw new SqlFailure(`The statement is longer than the limit of ${maxStatementBytes} bytes`);
    }
  }
  const single = isScript
    ? statements.flatMap(({ sql }) =>
        splitStatements(sql).map((each) => ({ sql: each, params: [] })),
      )
    : statements;
  if (single.length > maxStatements) {
    throw new SqlFailure(`More than ${maxStatements} statements at once`);
  }
  return single.map(({ sql, params }) => {
    assertNoTransactionControl(sql);
    return { sql: hasPlaceholders ? rewritePlaceholders(sql) : sql, params };
  });
}

function lost(error: unknown): SqlFailure {
  const text = `The connection to the database was lost: ${messageOf(error)}`;
  return new SqlFailure(text, { code: '08006', cause: error });
}
