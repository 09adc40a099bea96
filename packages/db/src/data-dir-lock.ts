import { AppError } from '@openworkers/core';
import { stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { makeDataDir } from './make-data-dir.ts';

export interface DataDirLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only owner of a purpose of a data folder (made when missing). The lock is
 * a listening unix socket in Linux's abstract namespace, named after device and inode of the
 * folder: taking it is atomic, no other path to the folder leads around it, and it ends with the
 * process, even by SIGKILL. Processes in other network namespaces (containers) do not see it.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR` when another live process has it
 */
export async function lockDataDir(dataDir: string, purpose: string): Promise<DataDirLock> {
  const { dev, ino } = await stat(await makeDataDir(dataDir));
  const path = `\0openworkers-${purpose}-${dev}-${ino}`;
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // the other side only wants the number
    socket.end(String(process.pid));
  });
  if (!(await tryListen(server, path))) {
    const owner = await askOwner(path);
    throw new AppError(
      'invalid_config',
      `OW_DATA_DIR: ${dataDir} is in use by another OpenWorkers (process ${owner ?? 'unknown'}); ` +
        'stop it or choose another folder',
    );
  }
  server.unref();
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function tryListen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ path }, () => resolve(true));
  });
}

function askOwner(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path, timeout: 1_000 });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => resolve(undefined)); // the owner has just gone
    socket.on('close', () => resolve(answer === '' ? undefined : answer));
  });
}
