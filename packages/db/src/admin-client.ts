import type { Secret } from '@openworkers/core';
import { Client } from 'pg';
import { clientConfig } from './connection-options.ts';
import { mapConnectError, mapQueryError } from './postgres-error.ts';

/**
 * Runs `work` on one connection outside any pool, without a statement timeout: for migrations,
 * roles and set-up.
 *
 * @throws AppError `database_unavailable`, or `invalid_config` when the login is refused
 */
export async function withAdminClient<T>(
  connectionString: Secret,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(
    clientConfig({
      connectionString,
      applicationName: 'ow-admin',
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 0,
    }),
  );
  // The query in progress fails too; see the pool.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw mapConnectError(error);
  });
  try {
    return await work(client);
  } catch (error) {
    throw mapQueryError(error);
  } finally {
    await client.end();
  }
}

/** Runs `work` between `begin` and `commit`, or rolls back. */
export async function inClientTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The first error is the one to tell; a lost connection has rolled back anyway.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
