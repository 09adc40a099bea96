import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { isUnavailable, mapConnectError, mapQueryError, sqlState } from './postgres-error.ts';

/** The pool as kysely wants it, with errors mapped and broken connections thrown away. */
export function createKyselyPool(pool: Pool): PostgresPool {
  return {
    options: {},
    connect: async () => {
      try {
        return createKyselyClient(await pool.connect());
      } catch (error) {
        throw mapConnectError(error);
      }
    },
    end: () => pool.end(),
  };
}

function createKyselyClient(client: PoolClient): PostgresPoolClient {
  let isBroken = false;
  async function query<R>(
    text: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    try {
      // kysely's row type is a promise of its own; `pg` knows nothing about it.
      return (await client.query(text, [...parameters])) as unknown as PostgresQueryResult<R>;
    } catch (error) {
      // A statement that the server itself ended leaves a usable connection behind.
      isBroken ||= isUnavailable(error) && sqlState(error) === undefined;
      throw mapQueryError(error);
    }
  }
  return {
    // No cursors: the first overload is the only one kysely calls without a cursor in its config.
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isBroken),
  };
}
