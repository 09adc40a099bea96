import { AppError } from '@openworkers/core';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The system user the server runs as. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root: then it runs as the owner of the cluster if there is one
 * already, else as `postgres` if there is such a user, else as `nobody`. Undefined when this
 * process is not root and the server runs as this process's user.
 *
 * @throws AppError `invalid_config` when there is none of them
 */
export async function findServerUser(clusterDirectory: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const cluster = await stat(clusterDirectory).catch(() => undefined); // not made yet
  if (cluster !== undefined && cluster.uid !== 0) {
    return { name: `number ${cluster.uid}`, uid: cluster.uid, gid: cluster.gid };
  }
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (uid > 0 && gid > 0) return { name, uid, gid };
  }
  throw new AppError(
    'invalid_config',
    'PostgreSQL cannot run as root and there is neither a user postgres nor nobody; ' +
      'start as another user or set DATABASE_URL',
  );
}

/**
 * Checks that the user may pass through every folder above `directory`.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR`
 */
export async function assertReachable(directory: string, user: ServerUser): Promise<void> {
  for (let path = dirname(directory); ; path = dirname(path)) {
    const { uid, gid, mode } = await stat(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new AppError(
        'invalid_config',
        `OW_DATA_DIR: ${directory} is below ${path}, which the user ${user.name} (PostgreSQL ` +
          'does not run as root) may not enter; choose another folder or set DATABASE_URL',
      );
    }
    if (path === dirname(path)) return;
  }
}
