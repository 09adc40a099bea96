import type { Logger } from '@openworkers/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerUser } from './server-user.ts';

/**
 * The guard is the server's parent and holds the reading end of a pipe from this process. Each line
 * on it is the name of a signal for the server. When the pipe ends because this process is gone,
 * however it went, the guard stops the server: fast, after 3 s at once (SIGQUIT; PostgreSQL then
 * recovers from its log at the next start). A shell does it because the server's user may have no
 * access to Node, and it needs 1 MB. The server is the guard's unreaped child whenever it is
 * signalled, so its number cannot belong to another process. Signals to the whole group (a service
 * manager's SIGTERM) are left to the supervisor, which stops the server last.
 */
const guardScript = `
trap '' HUP INT TERM
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{
  while read -r signal <&3; do kill -s "$signal" "$server"; done
  kill -s INT "$server"
  for second in 1 2 3; do sleep 1; kill -0 "$server" || exit 0; done
  kill -s QUIT "$server"
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

const keptLines = 20;

/** Not what every start and stop brings. */
const worthTelling = /^(PANIC|FATAL):(?!.*(starting up|administrator command))/;

export interface ServerProcessOptions {
  /** Path of `postgres`. */
  executable: string;
  args: readonly string[];
  user: ServerUser | undefined;
  log: Logger;
}

/** One run of the server below its guard. */
export class ServerProcess {
  readonly #guard: ChildProcess;
  readonly #lastLines: string[] = [];
  /** Resolves when the server has ended, with what is known about it. */
  readonly exited: Promise<string>;

  constructor({ executable, args, user, log }: ServerProcessOptions) {
    const guard = spawn('/bin/sh', ['-c', guardScript, 'postgres-guard', executable, ...args], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC' },
      stdio: ['pipe', 'ignore', 'pipe'],
      // A session of its own: Ctrl-C at the terminal must not stop the server before its clients.
      detached: true,
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    });
    this.#guard = guard;
    guard.stdin?.on('error', () => undefined); // the guard has ended; `exited` tells
    if (guard.stderr !== null) this.#readLog(guard.stderr, log);
    this.exited = new Promise((resolve) => {
      guard.once('error', (error) => resolve(`the server could not be started: ${error.message}`));
      guard.once('exit', (code, signal) => resolve(`the server ended with ${signal ?? code}`));
    });
  }

  /**
   * Fast shutdown; after `timeoutMs` an immediate one, from which the next start recovers.
   *
   * @throws Error when the server outlives that too (it ends its own backends after 5 s)
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#signal('INT');
    if (await this.#hasExitedWithin(timeoutMs)) return;
    this.#signal('QUIT');
    if (await this.#hasExitedWithin(10_000)) return;
    throw new Error('PostgreSQL does not stop');
  }

  #signal(name: 'INT' | 'QUIT'): void {
    this.#guard.stdin?.write(`${name}\n`);
  }

  async #hasExitedWithin(timeoutMs: number): Promise<boolean> {
    const timer = new AbortController();
    const isLate = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false); // aborted
    const hasExited = await Promise.race([this.exited.then(() => true), isLate]);
    timer.abort();
    return hasExited;
  }

  /** The newest lines of the server's log. */
  get lastLines(): string {
    return this.#lastLines.join('\n');
  }

  #readLog(stream: Readable, log: Logger): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > keptLines) this.#lastLines.shift();
      if (worthTelling.test(line)) log.warn({ line }, 'postgres');
      else log.debug({ line }, 'postgres');
    });
  }
}
