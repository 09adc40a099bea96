import { AppError, messageOf } from '@openworkers/core';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Layout } from './layout.ts';
import type { ServerUser } from './server-user.ts';

export const superuser = 'openworkers';

export interface ClusterOptions {
  /** Folder with `initdb`. */
  binDirectory: string;
  /** Major version of the programs in it. */
  major: number;
  layout: Layout;
  user: ServerUser | undefined;
}

/**
 * Makes the cluster on the first start; it appears as one piece, so that an interrupted start
 * leaves nothing half done.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR` when it was made by another major version
 */
export async function prepareCluster(options: ClusterOptions): Promise<void> {
  const { layout, major } = options;
  const present = await readIfThere(join(layout.cluster, 'PG_VERSION'));
  if (present === undefined) return initialise(options);
  if (Number(present) === major) return;
  throw new AppError(
    'invalid_config',
    `OW_DATA_DIR: ${layout.cluster} belongs to PostgreSQL ${present.trim()}, this program brings ` +
      `PostgreSQL ${major}; dump it with the old version and restore, or choose another folder`,
  );
}

/** The superuser's password, made up on the first call and kept in the data folder (mode 0600). */
export async function ensurePassword(layout: Layout): Promise<string> {
  const present = await readPassword(layout);
  if (present !== undefined) return present;
  const password = randomBytes(24).toString('base64url');
  const temporary = `${layout.passwordFile}.new`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(password);
  await file.sync();
  await file.close();
  await rename(temporary, layout.passwordFile);
  return password;
}

/** The superuser's password, when there is one yet. */
export function readPassword(layout: Layout): Promise<string | undefined> {
  return readIfThere(layout.passwordFile);
}

async function initialise(options: ClusterOptions): Promise<void> {
  const { binDirectory, layout, user, major } = options;
  // One folder, owned by the server's user: initdb reads the password as that user.
  const workshop = join(layout.root, 'new');
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { mode: 0o700 });
  const passwordCopy = join(workshop, 'password');
  await writeFile(passwordCopy, await ensurePassword(layout), { mode: 0o600 });
  if (user !== undefined) {
    await chown(workshop, user.uid, user.gid);
    await chown(passwordCopy, user.uid, user.gid);
  }
  const cluster = join(workshop, 'data');
  const args = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-instructions',
    `--pgdata=${cluster}`,
    `--pwfile=${passwordCopy}`,
    `--username=${superuser}`,
    ...localeOf(major),
  ];
  try {
    await promisify(execFile)(join(binDirectory, 'initdb'), args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC' },
      timeout: 120_000,
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    });
  } catch (cause) {
    throw new AppError('internal', `initdb failed: ${messageOf(cause)}`, { cause });
  }
  await rename(cluster, layout.cluster);
  await syncDirectory(dirname(layout.cluster));
  await rm(workshop, { recursive: true });
}

/** Collation by code point: the same on every machine and C library, so indexes never break. */
function localeOf(major: number): string[] {
  if (major < 17) return ['--locale=C.UTF-8'];
  return ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync();
  await directory.close();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
