import { connect } from 'node:net';
import { Client, DatabaseError, Query, type ClientConfig } from 'pg';
import { SqlFailure } from '../sql-failure.ts';
import { columnType, type ColumnType } from './column-kinds.ts';

export interface SqlStatement {
  readonly sql: string;
  /** As PostgreSQL reads them, each by the type it has in its place. */
  readonly params: readonly (string | null)[];
}

export interface SqlColumn extends ColumnType {
  readonly name: string;
}

export interface SqlResult {
  /** First word of the command, e.g. `SELECT`. */
  readonly command: string;
  /** Rows that were answered or changed; undefined for commands that count none. */
  readonly rowCount: number | undefined;
  /** Undefined when the statement has no rows to answer. */
  readonly columns: readonly SqlColumn[] | undefined;
  /** In PostgreSQL's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface SessionLimits {
  /** Of one statement. */
  readonly maxRows: number;
  /** Of everything the server sends for one job. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

interface BackendKey {
  readonly processID?: number | null;
  readonly secretKey?: number | null;
}

/** See "Message Formats" in PostgreSQL's documentation. */
const cancelRequestCode = 80_877_102;
const cancelTimeoutMs = 5_000;

const asText = { getTypeParser: () => (text: string) => text };

/** What decides how values are written: a tenant may have set it otherwise for the login. */
const settings = `set local datestyle to 'ISO'; set local intervalstyle to 'postgres';
  set local bytea_output to 'hex'; set local timezone to 'UTC'; set local extra_float_digits to 1`;

/** One connection to a tenant's database; what it sends is bounded from its first byte on. */
export class Session {
  readonly #client: Client;
  #bytesLeft = 1024 * 1024;
  #isBroken = false;
  #isTooLarge = false;

  private constructor(config: ClientConfig) {
    this.#client = new Client(config);
    // Whoever waits for an answer is told as well.
    this.#client.on('error', () => (this.#isBroken = true));
    this.#client.on('end', () => (this.#isBroken = true));
  }

  /** @throws DatabaseError, Error why there is no connection */
  static async connect(config: ClientConfig): Promise<Session> {
    const session = new Session(config);
    const { connection } = session.#client;
    session.#count(connection.stream);
    connection.once('sslconnect', () => session.#count(connection.stream));
    try {
      await session.#client.connect();
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Number of the server's process. */
  get processId(): number {
    // The types of `pg` leave it out.
    const { processID } = this.#client as Client & BackendKey;
    return processID ?? 0;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Runs the statements in one transaction, all or none. The rows are counted before it is committed.
   * Where there are too many, the connection is broken off: `isBroken`, and the server may still be busy.
   *
   * @throws SqlFailure; any other error means that the connection is of no use any more
   */
  async run(statements: readonly SqlStatement[], limits: SessionLimits): Promise<SqlResult[]> {
    this.#bytesLeft = limits.maxBytes;
    const timeoutMs = Math.ceil(limits.timeoutMs);
    await this.#simple(`begin; set local statement_timeout to ${timeoutMs}; ${settings}`);
    try {
      const results: SqlResult[] = [];
      for (const statement of statements) results.push(await this.#execute(statement, limits));
      await this.#simple('commit');
      return results;
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      // After a failed commit this only warns.
      if (!this.#isBroken) await this.#simple('rollback');
      throw error;
    }
  }

  /** Leaves nothing of what ran in it. @throws Error when the connection is of no use any more */
  async reset(): Promise<void> {
    this.#bytesLeft = 1024 * 1024;
    await this.#simple('discard all');
  }

  /** The server is told nothing: it notices when it next sends something. */
  destroy(): void {
    this.#isBroken = true;
    this.#client.connection.stream.destroy();
  }

  /** Asks the server, over a connection of its own to the same address, to give up what it runs. */
  cancel(): void {
    // The types of `pg` leave the key out.
    const { host, port, processID, secretKey } = this.#client as Client & BackendKey;
    if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(cancelRequestCode, 4);
    request.writeInt32BE(processID, 8);
    request.writeInt32BE(secretKey, 12);
    const socket = connect({ host, port, timeout: cancelTimeoutMs });
    socket.on('error', () => socket.destroy()); // the connection itself is broken off soon
    socket.on('timeout', () => socket.destroy());
    socket.end(request);
    socket.resume();
  }

  async close(): Promise<void> {
    this.#isBroken = true;
    await this.#client.end();
  }

  #count(stream: { on(event: 'data', listener: (data: Buffer) => void): unknown }): void {
    stream.on('data', (data) => {
      this.#bytesLeft -= data.length;
      if (this.#bytesLeft >= 0) return;
      // One row may be a gigabyte: nothing waits for its end.
      this.#isTooLarge = true;
      this.destroy();
    });
  }

  async #simple(text: string): Promise<void> {
    try {
      await this.#client.query(text);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async #execute({ sql, params }: SqlStatement, limits: SessionLimits): Promise<SqlResult> {
    // The types of `pg` leave `queryMode` out: one statement, also without parameters.
    const config = {
      text: sql,
      values: [...params],
      queryMode: 'extended',
      rowMode: 'array',
      types: asText,
    };
    const query = new Query(config);
    const rows: (string | null)[][] = [];
    let isTooMany = false;
    query.on('row', (row: (string | null)[]) => {
      if (rows.length < limits.maxRows) rows.push(row);
      else if (!isTooMany) {
        isTooMany = true;
        this.destroy();
      }
    });
    const ended = new Promise<QueryEnd>((resolve, reject) => {
      query.on('end', resolve);
      query.on('error', reject);
    });
    this.#client.query(query);
    try {
      const { command, rowCount, fields } = await ended;
      // The rest had arrived already.
      if (isTooMany) throw tooManyRows(limits);
      const columns = fields.map(({ name, dataTypeID }) => ({ name, ...columnType(dataTypeID) }));
      return {
        command: command ?? '',
        rowCount: rowCount ?? undefined,
        // `select` without columns has rows all the same.
        columns: columns.length > 0 || rows.length > 0 ? columns : undefined,
        rows,
      };
    } catch (error) {
      if (isTooMany) throw tooManyRows(limits);
      throw this.#explain(error, limits);
    }
  }

  #explain(error: unknown, limits?: SessionLimits): unknown {
    if (this.#isTooLarge) {
      const bytes = limits === undefined ? '' : ` of ${limits.maxBytes} bytes`;
      return new SqlFailure(`The result is larger than the limit${bytes}`);
    }
    if (error instanceof DatabaseError && !this.#isBroken) return SqlFailure.of(error);
    return error;
  }
}

function tooManyRows({ maxRows }: SessionLimits): SqlFailure {
  return new SqlFailure(`The result has more rows than the limit of ${maxRows}`);
}

interface QueryEnd {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}
