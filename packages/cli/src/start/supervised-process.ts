import type { ChildProcess } from 'node:child_process';
import type { Logger } from '@openworkers/core';
import { CliError } from '../cli-error.ts';
import { Backoff, restartBackoff } from './backoff.ts';
import type { RoleLog } from './role-log.ts';
import { startFailure } from './start-failure.ts';

export interface SupervisedProcessOptions {
  /** Starts one run; `isFirst` until one was ready. */
  readonly spawn: (isFirst: boolean) => ChildProcess;
  /** Whether a message over IPC says that the process does its work. */
  readonly isReady: (message: unknown) => boolean;
  readonly output: RoleLog;
  readonly log: Logger;
  /** Milliseconds the first run may take to be ready. */
  readonly startTimeoutMs: number;
}

/** How one run of the process ended. */
interface RunEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<RunEnd>;
  readonly stderr: () => string;
}

/** A role in a process of its own that is started again, with growing pauses, whenever it ends. */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  readonly #backoff = new Backoff(restartBackoff);
  #run: Run | undefined;
  #hasStarted = false;
  #isStopping = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  /**
   * Starts the process; resolves when it is ready. From then on it is kept running.
   *
   * @throws CliError when the first run ends or is not ready in time
   */
  async start(): Promise<void> {
    const { isReady, output, startTimeoutMs } = this.#options;
    const { child, ended, stderr } = this.#spawn();
    const timeout = AbortSignal.timeout(startTimeoutMs);
    const outcome = await new Promise<RunEnd | 'ready' | 'late'>((resolve) => {
      child.on('message', (message) => isReady(message) && resolve('ready'));
      timeout.addEventListener('abort', () => resolve('late'));
      void ended.then(resolve);
    });
    if (outcome === 'ready') {
      this.#hasStarted = true;
      return;
    }
    if (outcome === 'late') {
      child.kill('SIGKILL');
      throw new CliError(`${output.role} was not ready within ${startTimeoutMs / 1000} s`, {
        next: `read ${output.path}`,
      });
    }
    throw startFailure({
      ...outcome,
      role: output.role,
      stderr: stderr(),
      logFile: output.path,
    });
  }

  /** SIGTERM, and SIGKILL after `timeoutMs`; resolves when the process is gone. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const run = this.#run;
    if (run === undefined) return;
    run.child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.#options.log.warn({ timeoutMs }, 'role did not end in time, killed');
      run.child.kill('SIGKILL');
    }, timeoutMs);
    await run.ended;
    clearTimeout(timer);
  }

  /** SIGKILL, now or in the middle of `stop`. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    this.#run?.child.kill('SIGKILL');
  }

  #spawn(): Run {
    const { spawn, output, log } = this.#options;
    const child = spawn(!this.#hasStarted);
    const startedAt = performance.now();
    if (child.stdout !== null) output.follow(child.stdout);
    const stderr = child.stderr === null ? () => '' : output.follow(child.stderr);
    const ended = new Promise<RunEnd>((resolve) => {
      child.once('error', (error) => {
        log.error({ err: error }, 'role could not be started');
        resolve({ code: null, signal: null });
      });
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const run = { child, ended, stderr };
    this.#run = run;
    void ended.then((end) => {
      this.#run = undefined;
      if (this.#hasStarted && !this.#isStopping) {
        this.#scheduleRestart(end, performance.now() - startedAt);
      }
    });
    return run;
  }

  #scheduleRestart(end: RunEnd, ranMs: number): void {
    const waitMs = this.#backoff.afterFailure(ranMs);
    const fields = { ...end, waitMs, ranMs: Math.round(ranMs) };
    this.#options.log.error(fields, `${this.#options.output.role} ended, starting it again`);
    this.#restart = setTimeout(() => void this.#spawn(), waitMs);
  }
}
