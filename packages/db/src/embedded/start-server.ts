import { AppError, type Logger, type Secret } from '@openworkers/core';
import { setTimeout as delay } from 'node:timers/promises';
import { escapeIdentifier, type Client } from 'pg';
import { withAdminClient } from '../admin-client.ts';
import type { Layout } from './layout.ts';
import { ServerProcess } from './server-process.ts';
import type { ServerUser } from './server-user.ts';

/** The platform's own database in the embedded server. */
export const databaseName = 'openworkers';

/** Fixed by the program, not by the folder; see PostgreSQL's "Server Configuration". */
const serverSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  log_line_prefix: '',
  // Failed statements are told to their client; the log must not get their values.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  jit: 'off',
  // Runners, and what tenants do in their own databases (`platformLimits.databaseConnections`).
  max_connections: '300',
  // Per session: a tenant's sort must not fill the disk.
  temp_file_limit: '1GB',
};

/** What a server says when backends of a killed one have not quite ended. */
const notYetFree = /pre-existing shared memory block|lock file ".*" already exists/;

export interface StartServerOptions {
  /** Path of `postgres`. */
  executable: string;
  layout: Layout;
  user: ServerUser | undefined;
  log: Logger;
  startTimeoutMs: number;
  settings: Record<string, string>;
  /** The superuser's login to the maintenance database. */
  adminUrl: Secret;
}

/**
 * Starts the server on a prepared cluster and returns when it accepts connections and has the
 * platform's database.
 *
 * @throws AppError `internal` with the server's last log lines
 */
export async function startServer(options: StartServerOptions): Promise<ServerProcess> {
  const deadline = performance.now() + options.startTimeoutMs;
  for (;;) {
    const server = new ServerProcess({ ...options, args: serverArguments(options) });
    const isReady = await waitUntilReady(server, options.adminUrl, deadline);
    if (isReady) return server;
    await server.stop(0);
    const isPassing = notYetFree.test(server.lastLines);
    if (!isPassing || performance.now() >= deadline) {
      throw new AppError('internal', `PostgreSQL did not start: ${server.lastLines}`);
    }
    await delay(200);
  }
}

function serverArguments({ layout, settings }: StartServerOptions): string[] {
  // A list: quoted, because a path may contain the comma that separates its items.
  const sockets = `"${layout.sockets.replaceAll('"', '""')}"`;
  const all = { ...serverSettings, unix_socket_directories: sockets, ...settings };
  const pairs = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', layout.cluster, ...pairs];
}

/** False when the server ended or the deadline passed. */
async function waitUntilReady(
  server: ServerProcess,
  adminUrl: Secret,
  deadline: number,
): Promise<boolean> {
  const run = { hasEnded: false };
  void server.exited.then(() => (run.hasEnded = true));
  while (!run.hasEnded && performance.now() < deadline) {
    try {
      await withAdminClient(adminUrl, createPlatformDatabase);
      return true;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'database_unavailable')) {
        await server.stop(0);
        throw error;
      }
    }
    await delay(20);
  }
  return false;
}

async function createPlatformDatabase(client: Client): Promise<void> {
  const found = await client.query('select from pg_database where datname = $1', [databaseName]);
  if (found.rowCount === 0) {
    await client.query(`create database ${escapeIdentifier(databaseName)}`);
  }
  // Every login may connect to these by default; tenants' databases have logins, too.
  await client.query('revoke connect, temporary on database postgres, template1 from public');
}
