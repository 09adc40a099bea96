import { messageOf, type Logger } from '@openworkers/core';
import type { Queries, SqlDatabaseConnection } from '@openworkers/db';
import { sql } from 'kysely';
import { SqlFailure } from '../sql-failure.ts';
import type { Session } from './session.ts';

export interface BackendsOptions {
  /** Postgate's own connection: tenants can neither fill nor hold it. */
  readonly queries: Queries;
  readonly log: Logger;
}

/** How long a cancelled statement may take to give up. */
const graceMs = 1_000;

/** The server's processes that work for tenants, and how they are made to stop. */
export class Backends {
  readonly #options: BackendsOptions;

  constructor(options: BackendsOptions) {
    this.#options = options;
  }

  /**
   * Ends what runs in the session when its time is over or nobody waits for it: first it is cancelled, then
   * its process ended. `stop` says why that was done, if it was.
   */
  watch(
    session: Session,
    { database, signal, timeoutMs }: Watched,
  ): { stop(): SqlFailure | undefined } {
    let reason: SqlFailure | undefined;
    let grace: NodeJS.Timeout | undefined;
    const end = (why: SqlFailure): void => {
      if (reason !== undefined) return;
      reason = why;
      void this.#cancel(session, database);
      grace = setTimeout(() => {
        this.end(session, database);
        session.destroy();
      }, graceMs);
    };
    const onAbort = (): void => end(new SqlFailure('The event is over', { code: '57014' }));
    const onTime = (): void => {
      const seconds = database.timeoutSeconds;
      end(
        new SqlFailure(`The query took longer than the limit of ${seconds} s`, { code: '57014' }),
      );
    };
    const timer = setTimeout(onTime, timeoutMs);
    signal.addEventListener('abort', onAbort);
    return {
      stop: () => {
        clearTimeout(timer);
        clearTimeout(grace);
        signal.removeEventListener('abort', onAbort);
        return reason;
      },
    };
  }

  /** Ends the session's process, if it is still there. Returns at once. */
  end(session: Session, database: SqlDatabaseConnection): void {
    if (database.databaseName === undefined) return;
    void this.#signal(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where pid = ${session.processId} and usename = ${database.databaseName}`,
    );
  }

  async #cancel(session: Session, database: SqlDatabaseConnection): Promise<void> {
    if (database.databaseName === undefined) {
      session.cancel();
      return;
    }
    // By name, too: the number may be somebody else's by now.
    await this.#signal(
      sql`select pg_cancel_backend(pid) from pg_stat_activity
        where pid = ${session.processId} and usename = ${database.databaseName}`,
    );
  }

  async #signal(statement: ReturnType<typeof sql>): Promise<void> {
    try {
      await statement.execute(this.#options.queries);
    } catch (error) {
      // The connection is broken off all the same; the server's own statement timeout is left.
      this.#options.log.warn({ problem: messageOf(error) }, 'a query was not cancelled');
    }
  }
}

interface Watched {
  readonly database: SqlDatabaseConnection;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}
