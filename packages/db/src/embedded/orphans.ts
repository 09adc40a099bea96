import type { Logger } from '@openworkers/core';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Above any number the kernel gives out (`PID_MAX_LIMIT` is 2^22). */
const nobodysPid = 4_194_305;

/**
 * Ends what a killed owner left running on this cluster. To be called by the holder of the data
 * folder's lock only: then everything found is an orphan. The postmaster is asked first; backends
 * that outlive it (it was killed itself) are found by their working directory, where this process
 * may see it.
 */
export async function stopOrphans(clusterDirectory: string, log: Logger): Promise<void> {
  const isOurs = async (pid: number) =>
    (await isPostmaster(pid, clusterDirectory)) || (await worksIn(pid, clusterDirectory));
  const postmaster = await readPostmasterPid(clusterDirectory);
  const found = new Set(await findBackends(clusterDirectory));
  if (postmaster !== undefined && (await isPostmaster(postmaster, clusterDirectory))) {
    found.add(postmaster);
    log.warn({ pid: postmaster }, 'stopping a PostgreSQL left behind by a killed process');
    await stop([postmaster], 'SIGINT', 3_000, isOurs);
  }
  await stop([...found], 'SIGQUIT', 3_000, isOurs);
  await stop([...found], 'SIGKILL', 3_000, isOurs);
  if (postmaster !== undefined) await disownPidFile(clusterDirectory, postmaster);
}

async function stop(
  pids: readonly number[],
  signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL',
  timeoutMs: number,
  isOurs: (pid: number) => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const pid of pids) if (await isOurs(pid)) kill(pid, signal);
  for (const pid of pids) {
    while ((await isOurs(pid)) && performance.now() < deadline) await delay(20);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself in this moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * PostgreSQL does not start while the process named in `postmaster.pid` is alive, and after a crash
 * the number may belong to anybody. Deleting the file would lose the shared memory key by which
 * PostgreSQL itself makes sure that no backend is left, so only the number is replaced.
 */
async function disownPidFile(clusterDirectory: string, pid: number): Promise<void> {
  const path = join(clusterDirectory, 'postmaster.pid');
  const content = await readFile(path, 'utf8').catch(absent);
  if (content === undefined || Number.parseInt(content, 10) !== pid) return;
  await writeFile(path, content.replace(/^\d+/, String(nobodysPid)));
}

async function readPostmasterPid(clusterDirectory: string): Promise<number | undefined> {
  const content = await readFile(join(clusterDirectory, 'postmaster.pid'), 'utf8').catch(absent);
  const pid = Number.parseInt(content ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** Whether the process is a postmaster started by us on this cluster (`-D <directory>`). */
async function isPostmaster(pid: number, clusterDirectory: string): Promise<boolean> {
  const args = await readArguments(pid);
  const directory = args.indexOf('-D');
  return (
    /(^|\/)postgres$/.test(args[0] ?? '') &&
    directory !== -1 &&
    args[directory + 1] === clusterDirectory
  );
}

async function findBackends(clusterDirectory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const matches = await Promise.all(pids.map((pid) => worksIn(pid, clusterDirectory)));
  return pids.filter((_pid, index) => matches[index]);
}

/** Whether the process is a backend (it calls itself `postgres: …`) of this cluster. */
async function worksIn(pid: number, clusterDirectory: string): Promise<boolean> {
  const directory = await readlink(`/proc/${pid}/cwd`).catch(absent);
  if (directory !== clusterDirectory) return false;
  return /(^|\/)postgres(: |$)/.test((await readArguments(pid))[0] ?? '');
}

async function readArguments(pid: number): Promise<string[]> {
  return ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(absent)) ?? '').split('\0');
}

/** No such file or process any more, or not ours to see. */
function absent(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') {
    return undefined;
  }
  throw error;
}
