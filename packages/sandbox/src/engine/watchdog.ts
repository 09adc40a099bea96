import type { CpuAccount } from './cpu-account.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { SliceRunner } from './slice-runner.ts';

const tickMs = 5;
/** How long it keeps ticking with nothing to watch: longer than a probe waits. */
const lingerMs = 300;
/** How long after its last slice an isolate is asked whether its thread is really idle. */
const probeMs = 150;
/** A look that comes this late found this thread blocked: the order of events is then unknown. */
const lateMs = 15;
/** Work on this thread that took longer may have waited for a core; asking costs 1 µs. */
const doubtfulMs = 0.5;

export interface WatchdogOptions {
  readonly memory: MemoryGuard;
  /** Instances have been running for longer than a tick; empty when none is any more. */
  readonly onRunning: (runners: readonly SliceRunner[]) => void;
}

/**
 * Shares out the CPU time of all threads but this one among the isolates that ran, and tells an
 * isolate's owner when an account is over its limit. isolated-vm's own limiter is wall time.
 */
export class Watchdog {
  /** When it looked last; `performance.now()`. */
  lastLookAt = performance.now();
  readonly #options: WatchdogOptions;
  readonly #watched = new Set<SliceRunner>();
  /** Isolates that were used and not probed since. */
  readonly #recent = new Set<SliceRunner>();
  #probedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #quietSince = 0;
  #cpu: NodeJS.CpuUsage = process.cpuUsage();
  #mainCpu: NodeJS.CpuUsage = process.threadCpuUsage();
  /** CPU per wall time of the slices in the last tick; 1 on an idle machine. */
  #share = 1;
  #lastSuspects: readonly SliceRunner[] = [];

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** CPU of an account including what was not shared out yet. */
  estimateMs(account: CpuAccount): number {
    const openMs = account.activeMs + account.jobMs;
    return account.cpuMs + openMs * (openMs < lateMs ? this.#share : this.#shareNow());
  }

  /** CPU of work on this thread that took so long: while the thread waited for a core it used none. */
  ownThreadCpuMs(elapsedMs: number): number {
    if (elapsedMs < doubtfulMs || this.#timer === undefined) return elapsedMs;
    const { user, system } = process.threadCpuUsage(this.#mainCpu);
    return Math.min(elapsedMs, (user + system) / 1000);
  }

  /** The isolate runs something, from now until the first look that finds it idle. */
  watch(runner: SliceRunner): void {
    this.#watched.add(runner);
    this.#recent.add(runner);
    if (this.#timer === undefined) this.#start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.lastLookAt = performance.now();
    this.#quietSince = this.lastLookAt;
    this.#cpu = process.cpuUsage();
    this.#mainCpu = process.threadCpuUsage();
    // A look straight from the timer would come before the ends of slices that are already queued.
    this.#timer = setInterval(() => setImmediate(() => this.look()), tickMs);
  }

  /** Shares out the CPU since the last look; called by the timer, and by whoever sees a flood. */
  look(): void {
    if (this.#timer === undefined) return;
    const now = performance.now();
    const elapsedMs = now - this.lastLookAt;
    if (elapsedMs < 1) return;
    const cpuMs = this.#takeCpuMs();
    const activeMs = this.#collect(now, elapsedMs > lateMs);
    if (activeMs > 0) this.#share = Math.min(1, cpuMs / activeMs);
    this.lastLookAt = now;
    this.#charge();
    this.#options.memory.look(this.#watched, { share: this.#share, now });
    this.#settle(now);
    this.#report(now - elapsedMs);
    if (now - this.#probedAt > probeMs) this.#probe(now);
    if (this.#watched.size > 0) this.#quietSince = now;
    else if (now - this.#quietSince > lingerMs && this.#options.memory.quiet(now)) this.stop();
  }

  #takeCpuMs(): number {
    const cpuMs = this.#newCpuMs();
    this.#cpu = process.cpuUsage();
    this.#mainCpu = process.threadCpuUsage();
    return cpuMs;
  }

  /** What the other threads have used since the last look. */
  #newCpuMs(): number {
    const all = process.cpuUsage(this.#cpu);
    const main = process.threadCpuUsage(this.#mainCpu);
    return Math.max(0, all.user + all.system - main.user - main.system) / 1000;
  }

  /** The share since the last look, which comes late when this thread has to wait for a core, too. */
  #shareNow(): number {
    const now = performance.now();
    let activeMs = 0;
    for (const { running, touched, runningJobs, headStartedAt } of this.#watched) {
      if (running !== undefined) activeMs += now - Math.max(headStartedAt, this.lastLookAt);
      for (const { startedAt } of runningJobs)
        activeMs += now - Math.max(startedAt, this.lastLookAt);
      for (const account of touched) activeMs += account.activeMs + account.jobMs;
    }
    return activeMs > 0 ? Math.min(1, this.#newCpuMs() / activeMs) : this.#share;
  }

  /** Adds the running slices to their accounts; answers the sum of all. */
  #collect(now: number, isLate: boolean): number {
    let total = 0;
    for (const runner of this.#watched) {
      const { running, touched, runningJobs } = runner;
      if (running !== undefined) {
        runner.countSlice(running, now - Math.max(runner.headStartedAt, this.lastLookAt));
      }
      for (const job of runningJobs) runner.countJob(job, this.lastLookAt, now);
      let slicesMs = 0;
      let jobsMs = 0;
      for (const account of touched) {
        slicesMs += account.activeMs;
        jobsMs += account.jobMs;
      }
      total += slicesMs + jobsMs;
      if (isLate && slicesMs > 0) spreadEvenly(touched, slicesMs);
    }
    return total;
  }

  #charge(): void {
    for (const runner of this.#watched) {
      for (const account of runner.touched) {
        const slicesMs = account.activeMs * this.#share;
        account.cpuMs += slicesMs + account.jobMs * this.#share;
        account.activeMs = 0;
        account.jobMs = 0;
        account.endedSlices = 0;
        account.isTouched = false;
        if (runner.disposedAt !== undefined) runner.cpuSinceDisposedMs += slicesMs;
        else if (account.isOverLimit) runner.listener.overLimit(account);
      }
      runner.touched.length = 0;
    }
  }

  /** Forgets the isolates that are idle, and looks after the disposed ones. */
  #settle(now: number): void {
    for (const runner of this.#watched) {
      if (runner.running === undefined) {
        if (runner.runningJobs.size === 0) this.#watched.delete(runner);
      } else if (runner.disposedAt !== undefined) checkStopped(runner, now - runner.disposedAt);
    }
  }

  /**
   * Some code runs in an isolate without a slice: V8's own tasks, cleanup callbacks. Where it runs,
   * a slice that does nothing cannot start, and what is burnt meanwhile is charged to it.
   */
  #probe(now: number): void {
    this.#probedAt = now;
    for (const runner of this.#recent) {
      if (runner.running !== undefined) continue;
      this.#recent.delete(runner);
      if (runner.disposedAt !== undefined || !runner.isUsedSinceProbe) continue;
      runner.listener.probe();
      runner.isUsedSinceProbe = false;
    }
  }

  /** Names those that have been running since before the last look, whenever they change. */
  #report(lastLookAt: number): void {
    const suspects: SliceRunner[] = [];
    for (const runner of this.#watched) {
      if (runner.running !== undefined && runner.headStartedAt <= lastLookAt) suspects.push(runner);
    }
    const before = this.#lastSuspects;
    if (suspects.length === before.length && suspects.every((each, at) => each === before[at])) {
      return;
    }
    this.#lastSuspects = suspects;
    this.#options.onRunning(suspects);
  }
}

/**
 * While this thread was blocked, many slices may have ended, and the first one seen would be charged
 * for all of them.
 */
function spreadEvenly(accounts: readonly CpuAccount[], sumMs: number): void {
  let slices = 0;
  for (const account of accounts) slices += account.endedSlices;
  for (const account of accounts) account.activeMs = (sumMs * account.endedSlices) / slices;
}

/**
 * A disposed isolate ends within some ms, or after the native call it is in: the largest harmless ones
 * take 300 ms of CPU, and 400 to 500 beside a dozen busy processes. On such a machine its thread may
 * not have had its turn yet.
 */
const stopWallMs = 500;
const stopCpuMs = 800;
const stopWallAnywayMs = 5000;

function checkStopped(runner: SliceRunner, disposedForMs: number): void {
  if (runner.isReportedUnstoppable || disposedForMs < stopWallMs) return;
  if (runner.cpuSinceDisposedMs < stopCpuMs && disposedForMs < stopWallAnywayMs) return;
  runner.isReportedUnstoppable = true;
  runner.listener.unstoppable();
}
