import { Secret, type Logger } from '@openworkers/core';
import { readdir, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockDataDir, type DataDirLock } from './data-dir-lock.ts';
import { copyBinaries, findPackagedBinaries, readServerMajor } from './embedded/binaries.ts';
import { ensurePassword, prepareCluster, readPassword, superuser } from './embedded/cluster.ts';
import { layoutOf, prepareLayout, socketPort, type Layout } from './embedded/layout.ts';
import { stopOrphans } from './embedded/orphans.ts';
import type { ServerProcess } from './embedded/server-process.ts';
import { findServerUser, type ServerUser } from './embedded/server-user.ts';
import { databaseName, startServer } from './embedded/start-server.ts';
import { makeDataDir, mapDataDirError } from './make-data-dir.ts';

export interface EmbeddedPostgresOptions {
  /** `OW_DATA_DIR`; made when missing. Everything lives in its sub-folder `postgres`. */
  dataDir: string;
  log: Logger;
  /** Milliseconds until the server must accept connections; 60 000 when left out. */
  startTimeoutMs?: number;
  /** Folder with `postgres` and `initdb` to use instead of the npm package's. */
  binDirectory?: string;
  /** Further server settings, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** The superuser's login to the platform database; for `migrate` and `ensureRoles` only. */
  readonly connectionString: Secret;
  /**
   * Resolves when the server process has ended, for whatever reason: `isExpected` is true after
   * `stop`. When it is false, call `startEmbeddedPostgres` again: connection strings stay the same.
   */
  readonly exited: Promise<{ isExpected: boolean; detail: string }>;
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
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { log, startTimeoutMs = 60_000, settings = {} } = options;
  const dataDir = await makeDataDir(options.dataDir);
  const lock = await lockDataDir(dataDir, 'postgres');
  try {
    const layout = layoutOf(dataDir);
    const { executable, user } = await prepare({ ...options, dataDir }, layout);
    const password = await ensurePassword(layout);
    const adminUrl = connectionString(layout, password, 'postgres');
    const server = await startServer({
      executable,
      layout,
      user,
      log,
      startTimeoutMs,
      settings,
      adminUrl,
    });
    return handle(server, connectionString(layout, password, databaseName), lock);
  } catch (error) {
    await lock.release();
    throw mapDataDirError(dataDir, error);
  }
}

/** The superuser's login to the embedded server of a data folder, if it has one. */
export async function readEmbeddedUrl(dataDir: string): Promise<Secret | undefined> {
  const layout = layoutOf(await realpath(dataDir).catch(() => dataDir)); // not there: no password
  const password = await readPassword(layout);
  return password === undefined ? undefined : connectionString(layout, password, databaseName);
}

async function prepare(
  { dataDir, log, binDirectory }: EmbeddedPostgresOptions,
  layout: Layout,
): Promise<{ executable: string; user: ServerUser | undefined }> {
  const user = await findServerUser(layout.cluster);
  await stopOrphans(layout.cluster, log);
  await prepareLayout(dataDir, layout, user);
  const programs = binDirectory ?? (await installBinaries(layout));
  const major = await readServerMajor(programs);
  await prepareCluster({ binDirectory: programs, major, layout, user });
  return { executable: join(programs, 'postgres'), user };
}

async function installBinaries(layout: Layout): Promise<string> {
  const source = findPackagedBinaries();
  const target = join(layout.root, `${source.version}-${process.arch}`);
  await removeOtherVersions(layout.root, basename(target));
  await copyBinaries(source, target);
  return join(target, 'bin');
}

/** Programs left by an older version of the platform; no server runs now. */
async function removeOtherVersions(root: string, current: string): Promise<void> {
  const versions = (await readdir(root)).filter((name) => /^\d.*-(x64|arm64)$/.test(name));
  for (const name of versions) {
    if (name !== current) await rm(join(root, name), { recursive: true });
  }
}

function handle(server: ServerProcess, url: Secret, lock: DataDirLock): EmbeddedPostgres {
  let isStopping = false;
  const exited = server.exited.then(async (detail) => {
    await lock.release();
    return { isExpected: isStopping, detail };
  });
  return {
    connectionString: url,
    exited,
    stop: async (timeoutMs = 10_000) => {
      isStopping = true;
      await server.stop(timeoutMs);
      await exited;
    },
  };
}

function connectionString(layout: Layout, password: string, database: string): Secret {
  const url = new URL(`postgres://${superuser}:${password}@localhost:${socketPort}/${database}`);
  url.searchParams.set('host', layout.sockets);
  return new Secret(url.href);
}
