import { createLogger, messageOf, type Secret } from '@openworkers/core';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackagedBinaries } from '../embedded/binaries.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres.ts';
import { withAdminClient } from '../admin-client.ts';
import { withDatabase } from '../connection-options.ts';
import { migrate } from '../migrate.ts';
import type { Part } from '../role-file.ts';
import { ensureRoles } from '../roles.ts';
import { findSystemBinaries } from './system-postgres.ts';

/** Variable through which test processes find the server; its value is a socket path. */
export const testServerVariable = 'OW_TEST_DATABASE';

/** Database that each test database is a copy of. */
export const templateName = 'ow_template';

/** What the server answers to whoever connects: connection strings into the template. */
export type TestServerAnswer = { owner: string; roles: Record<Part, string> } | { error: string };

export interface TestServer {
  socketPath: string;
  /** Stops PostgreSQL, if any test needed it, and removes everything. */
  close(): Promise<void>;
  /** For a process that is about to exit: PostgreSQL ends with it, its files 5 s later. */
  removeLater(): void;
}

const prefix = 'ow-test-';

/**
 * Listens for test processes that need a database. PostgreSQL is started and the template migrated
 * when the first one asks: runs without database tests do not pay for it.
 */
export async function serveTestDatabases(options: {
  /** Folder with the PostgreSQL programs to use instead of the npm package's. */
  binDirectory: string | undefined;
}): Promise<TestServer> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const socketPath = join(directory, 'control');
  let started: Promise<{ postgres: EmbeddedPostgres; answer: TestServerAnswer }> | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // a test process that was stopped meanwhile
    started ??= startTemplate(directory, options.binDirectory);
    started.then(
      ({ answer }) => socket.end(JSON.stringify(answer)),
      (error: unknown) => socket.end(JSON.stringify({ error: messageOf(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    close: async () => {
      server.close();
      const running = await started?.catch(() => undefined); // the tests were told why
      await running?.postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
    removeLater: () => {
      const script = 'sleep 5; rm -rf "$1"';
      const options = { detached: true, stdio: 'ignore' } as const;
      spawn('/bin/sh', ['-c', script, 'remove', directory], options).unref();
    },
  };
}

async function startTemplate(dataDir: string, binDirectory: string | undefined) {
  const log = createLogger({ role: 'test-postgres', level: 'silent' });
  const postgres = await startEmbeddedPostgres({
    dataDir,
    log,
    ...(await chooseBinaries(binDirectory)),
    // Test data need not survive a power failure.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  await withAdminClient(postgres.connectionString, (client) =>
    client.query(`create database ${templateName}`),
  );
  const owner: Secret = withDatabase(postgres.connectionString, templateName);
  await migrate({ connectionString: owner });
  const { runner, api, cli, postgate } = await ensureRoles({
    connectionString: owner,
    dataDir,
    log,
  });
  const roles = {
    runner: runner.reveal(),
    api: api.reveal(),
    cli: cli.reveal(),
    postgate: postgate.reveal(),
  };
  return { postgres, answer: { owner: owner.reveal(), roles } };
}

/** The given folder, else the npm package, else an installed PostgreSQL. */
async function chooseBinaries(given: string | undefined): Promise<{ binDirectory?: string }> {
  if (given !== undefined) return { binDirectory: given };
  try {
    findPackagedBinaries();
    return {};
  } catch (error) {
    const binDirectory = (await findSystemBinaries()).at(-1);
    if (binDirectory === undefined) throw error;
    return { binDirectory };
  }
}

/** Folders of test runs that were killed; their servers have ended by themselves. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^ow-test-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
