import { AppError } from '@openworkers/core';
import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertReachable, type ServerUser } from './server-user.ts';

/** Longest path of a unix socket on Linux, without the final zero byte. */
const maxSocketPathBytes = 107;

/** Part of the socket's name; no TCP port is opened. */
export const socketPort = 5432;

/** Where things of the embedded server are. */
export interface Layout {
  /** Sub-folder of the data folder with everything below. */
  root: string;
  /** PostgreSQL's own data directory. */
  cluster: string;
  /** Folder of the socket; only the server's user (and root) may enter. */
  sockets: string;
  passwordFile: string;
}

/** The folders of a data folder; fixed, so that connection strings survive a restart. */
export function layoutOf(dataDir: string): Layout {
  const root = join(dataDir, 'postgres');
  return {
    root,
    cluster: join(root, 'data'),
    sockets: socketDirectory(join(root, 'run')),
    passwordFile: join(root, 'superuser-password'),
  };
}

/**
 * Makes the folders with the right owners and modes, and removes a socket left behind. The caller
 * holds the data folder's lock, and no server is running.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR` when the server's user cannot get there
 * or the path has characters that PostgreSQL's programs do not quote
 */
export async function prepareLayout(
  dataDir: string,
  layout: Layout,
  user: ServerUser | undefined,
): Promise<void> {
  // initdb runs `postgres -V` by a shell, with the path in double quotes as its only protection.
  if (/["$`\\\n]/.test(dataDir)) {
    throw new AppError('invalid_config', `OW_DATA_DIR: PostgreSQL cannot use the path ${dataDir}`);
  }
  // The server's user has to pass through, but not to look around.
  const mode = user === undefined ? 0o700 : 0o711;
  await mkdir(layout.root, { recursive: true, mode });
  if (user !== undefined) {
    await chmod(dataDir, mode);
    await chmod(layout.root, mode);
    await assertReachable(layout.cluster, user);
  }
  await removeOwnDirectory(layout.sockets, user);
  await mkdir(layout.sockets, { mode: 0o700 });
  if (user !== undefined) await chown(layout.sockets, user.uid, user.gid);
}

/** Removes the socket folder, but never one that somebody else put in its place below /tmp. */
async function removeOwnDirectory(path: string, user: ServerUser | undefined): Promise<void> {
  const found = await lstat(path).catch(() => undefined); // not there
  if (found === undefined) return;
  const owner = user?.uid ?? process.getuid?.();
  if (!found.isDirectory() || (found.uid !== owner && found.uid !== 0)) {
    throw new Error(`${path} is not ours; remove it`);
  }
  await rm(path, { recursive: true });
}

/** The wanted folder, or a short one when the socket's path would be too long. */
function socketDirectory(wanted: string): string {
  if (Buffer.byteLength(`${wanted}/.s.PGSQL.${socketPort}`) <= maxSocketPathBytes) return wanted;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return `/tmp/openworkers-${digest}`;
}
