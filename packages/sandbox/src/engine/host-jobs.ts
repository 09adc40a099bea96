import type { CpuAccount } from './cpu-account.ts';
import {
  hostJobsAtOnce,
  hostJobsOfIsolate,
  waitingJobBytes,
  waitingJobs,
} from './engine-limits.ts';
import type { SliceRunner } from './slice-runner.ts';
import type { Watchdog } from './watchdog.ts';

/** Work that the sandbox does for an event on one of libuv's threads. */
export interface HostJob<Result> {
  /** Whose CPU time it is. */
  readonly account: CpuAccount;
  /** Memory that it holds while it waits and runs. */
  readonly sizeBytes: number;
  /** It may take a good part of a second, and nothing can stop it: one such job runs at a time. */
  readonly isLong: boolean;
  /** False once nobody waits for the result: the job is not started, or its result is dropped. */
  readonly isWanted: () => boolean;
  /** Does the work; it must keep one thread busy until its promise settles. */
  readonly run: () => Promise<Result>;
  readonly onResult: (result: Result) => void;
  readonly onError: (error: unknown) => void;
}

/** A job on a thread; the {@link Watchdog} treats it like a running slice. */
export interface RunningJob {
  readonly account: CpuAccount;
  /** `performance.now()`. */
  readonly startedAt: number;
}

interface WaitingJob {
  readonly isLong: boolean;
  readonly isWanted: () => boolean;
  readonly start: () => void;
  readonly forget: () => void;
}

/**
 * What the sandbox does for isolates outside of them, bounded in number and in bytes. The isolates
 * take turns and each has fewer jobs at once than there are threads, so that one with much to do
 * cannot keep the threads from the others. The CPU time is the event's.
 */
export class HostJobs {
  readonly #watchdog: Watchdog;
  readonly #waiting = new Map<SliceRunner, WaitingJob[]>();
  #running = 0;
  #runningLong = 0;

  constructor(watchdog: Watchdog) {
    this.#watchdog = watchdog;
  }

  /** False when the isolate has too many jobs already, or too many bytes in them. */
  add<Result>(runner: SliceRunner, job: HostJob<Result>): boolean {
    if (runner.hostJobs >= waitingJobs) return false;
    if (runner.hostJobs > 0 && runner.hostJobBytes + job.sizeBytes > waitingJobBytes) return false;
    runner.expectJob(job);
    const waiting: WaitingJob = {
      isLong: job.isLong,
      isWanted: () => runner.disposedAt === undefined && job.isWanted(),
      start: () => void this.#run(runner, job),
      forget: () => runner.forgetJob(job),
    };
    const queue = this.#waiting.get(runner);
    if (queue === undefined) this.#waiting.set(runner, [waiting]);
    else queue.push(waiting);
    this.#startWaiting();
    return true;
  }

  #startWaiting(): void {
    // An isolate that gets a turn goes to the end of the map, where this loop meets it again.
    for (const [runner, queue] of this.#waiting) {
      if (this.#running >= hostJobsAtOnce) return;
      const job = this.#takeNext(runner, queue);
      if (job !== undefined || queue.length === 0) this.#waiting.delete(runner);
      if (job === undefined) continue;
      if (queue.length > 0) this.#waiting.set(runner, queue);
      job.start();
    }
  }

  /** The isolate's first job that may run now. Those that nobody wants any more are forgotten. */
  #takeNext(runner: SliceRunner, queue: WaitingJob[]): WaitingJob | undefined {
    const mayRun = runner.runningJobs.size < hostJobsOfIsolate;
    let at = 0;
    while (at < queue.length) {
      const job = queue[at];
      if (job?.isWanted() !== true) {
        queue.splice(at, 1);
        job?.forget();
      } else if (mayRun && (!job.isLong || this.#runningLong === 0)) {
        queue.splice(at, 1);
        return job;
      } else at += 1;
    }
    return undefined;
  }

  async #run<Result>(runner: SliceRunner, job: HostJob<Result>): Promise<void> {
    const startedAt = performance.now();
    const running: RunningJob = { account: job.account, startedAt };
    this.#running += 1;
    if (job.isLong) this.#runningLong += 1;
    runner.jobStarted(running);
    const cpuBefore = process.threadCpuUsage();
    let report: () => void;
    try {
      const pending = job.run();
      // What it needed of this thread; the rest is the watchdog's to share out.
      const { user, system } = process.threadCpuUsage(cpuBefore);
      job.account.cpuMs += (user + system) / 1000;
      const result = await pending;
      report = () => job.onResult(result);
    } catch (error) {
      report = () => job.onError(error);
    }
    this.#running -= 1;
    if (job.isLong) this.#runningLong -= 1;
    runner.jobEnded(running, this.#watchdog.lastLookAt);
    if (runner.disposedAt === undefined && job.isWanted()) report();
    runner.forgetJob(job);
    this.#startWaiting();
  }
}
