import type { EnterOp } from '@openworkers/runtime';
import type { CpuAccount } from './cpu-account.ts';
import type { RunningJob } from './host-jobs.ts';
import type { SliceArgument, SliceCall, WorkerIsolate } from './isolate/worker-isolate.ts';
import type { SliceBatch } from './slice-batch.ts';
import { SliceGrowth } from './slice-growth.ts';
import { SliceQueue } from './slice-queue.ts';
import type { ThreadGate } from './thread-gate.ts';
import type { Watchdog } from './watchdog.ts';

/** A job as the runner counts it. */
interface ExpectedJob {
  readonly account: CpuAccount;
  readonly sizeBytes: number;
}

/** What happens to the slices of one isolate; told to the instance that owns it. */
export interface SliceListener {
  readonly handle: string;
  /** A slice ended with an error of the worker's code that nobody caught. */
  sliceFailed(account: CpuAccount, error: unknown): void;
  /** The isolate ended itself, or its thread is lost. */
  isolateEnded(running: CpuAccount | undefined): void;
  /** No slice is left. */
  idle(): void;
  /** The account used more CPU than it may. */
  overLimit(account: CpuAccount): void;
  /** Enter a slice that does nothing. */
  probe(): void;
  /** It takes more memory than it may, or the most when there is too little for all. */
  overMemory(): void;
  /** Disposed some time ago and still running. */
  unstoppable(): void;
}

/**
 * Feeds an isolate with slices, several ahead, and knows which one runs: they run in the order they
 * were given. The first in {@link SliceQueue} is the running one.
 */
export class SliceRunner {
  readonly isolate: WorkerIsolate;
  /** Accounts with slices or jobs that ended since the watchdog's last look. */
  readonly touched: CpuAccount[] = [];
  /** What the sandbox does for its events on other threads; see {@link HostJobs}. */
  readonly runningJobs = new Set<RunningJob>();
  /** Jobs that wait or run, and the bytes in them. */
  hostJobs = 0;
  hostJobBytes = 0;
  /** When the running slice started, as far as this thread saw it; `performance.now()`. */
  headStartedAt = 0;
  /** Whether the gate lets it use a thread. */
  hasThread = false;
  isUsedSinceProbe = false;
  /** For the {@link MemoryGuard}. */
  readonly growth = new SliceGrowth();
  /** When it was disposed; undefined while it lives. */
  disposedAt: number | undefined;
  /** CPU charged to it since it was disposed, in ms. */
  cpuSinceDisposedMs = 0;
  isReportedUnstoppable = false;
  readonly #queue = new SliceQueue();
  readonly #listener: SliceListener;
  readonly #watchdog: Watchdog;
  readonly #gate: ThreadGate;
  readonly #batch: SliceBatch;
  #backlog: (() => void)[] = [];
  /** Calls that have their place in the queue and leave at the end of this turn. */
  #outbox: SliceCall[] = [];
  readonly #onEnd = (): void => this.#sliceEnded(undefined);
  readonly #onFailure = (error: unknown): void => this.#sliceEnded({ error });

  constructor(options: {
    readonly isolate: WorkerIsolate;
    readonly listener: SliceListener;
    readonly watchdog: Watchdog;
    readonly gate: ThreadGate;
    readonly batch: SliceBatch;
  }) {
    this.isolate = options.isolate;
    this.#listener = options.listener;
    this.#watchdog = options.watchdog;
    this.#gate = options.gate;
    this.#batch = options.batch;
  }

  /** The account that runs now; undefined when the isolate is idle. */
  get running(): CpuAccount | undefined {
    return this.#queue.head;
  }

  get queuedSlices(): number {
    return this.#queue.length + this.#backlog.length;
  }

  /** Nothing of it runs or waits to run, in the isolate or for it. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#backlog.length === 0 && this.hostJobs === 0;
  }

  get listener(): SliceListener {
    return this.#listener;
  }

  /**
   * Calls the runtime's `enter` as a slice of the account. Buffers are transferred, never copied.
   * The call leaves with the others of this turn.
   */
  enter(
    account: CpuAccount,
    op: EnterOp,
    a?: SliceArgument,
    b?: SliceArgument,
    c?: SliceArgument,
    d?: SliceArgument,
    e?: SliceArgument,
  ): void {
    if (this.disposedAt !== undefined) return;
    if (!this.#claim(account)) {
      this.#backlog.push(() => this.enter(account, op, a, b, c, d, e));
      return;
    }
    if (this.#outbox.length === 0) this.#batch.add(this);
    this.#outbox.push(sliceArguments(op, account.id, a, b, c, d, e));
  }

  /** Sends what waits; called by the batch at the end of the turn. */
  flush(): void {
    if (this.#outbox.length === 0) return;
    const calls = this.#outbox;
    this.#outbox = [];
    for (const call of calls) this.isolate.enter(call).then(this.#onEnd, this.#onFailure);
  }

  /** One step of loading as a slice; resolves and rejects like the step, once a thread is free. */
  async step<Result>(account: CpuAccount, run: () => Promise<Result>): Promise<Result> {
    while (this.disposedAt === undefined && !this.#claim(account)) {
      await new Promise<void>((resolve) => this.#backlog.push(resolve));
    }
    if (this.disposedAt !== undefined) throw new Error('the isolate was disposed');
    this.flush();
    const result = run();
    result.then(this.#onEnd, this.#onEnd);
    return result;
  }

  jobStarted(job: RunningJob): void {
    this.runningJobs.add(job);
    this.#watchdog.watch(this);
  }

  /** @param since When the running jobs' time was counted last. */
  jobEnded(job: RunningJob, since: number): void {
    this.runningJobs.delete(job);
    this.countJob(job, since, performance.now());
  }

  /** Adds the time of a slice since the watchdog's last look to its account. */
  countSlice(account: CpuAccount, activeMs: number): void {
    this.#touch(account);
    account.endedSlices += 1;
    account.activeMs += activeMs;
  }

  /** Adds the time of a job since the watchdog's last look to its account. */
  countJob({ account, startedAt }: RunningJob, lastLookAt: number, now: number): void {
    this.#touch(account);
    account.jobMs += now - Math.max(startedAt, lastLookAt);
  }

  /** Something is to be done for one of its events outside of the isolate. */
  expectJob({ account, sizeBytes }: ExpectedJob): void {
    account.hostJobs += 1;
    this.hostJobs += 1;
    this.hostJobBytes += sizeBytes;
  }

  /** The job is over, or will never run. */
  forgetJob({ account, sizeBytes }: ExpectedJob): void {
    account.hostJobs -= 1;
    this.hostJobs -= 1;
    this.hostJobBytes -= sizeBytes;
    if (this.disposedAt === undefined && this.isIdle) this.#listener.idle();
  }

  /** Called by the gate when a thread has become free. */
  resume(): void {
    this.hasThread = true;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const run of backlog) run();
    if (this.#queue.length === 0) this.#leaveThread();
  }

  dispose(): void {
    if (this.disposedAt !== undefined) return;
    // Every claimed slice must end: these will be refused.
    this.flush();
    this.disposedAt = performance.now();
    const backlog = this.#backlog;
    this.#backlog = [];
    this.isolate.dispose();
    // Steps that wait for a thread learn that there is nothing to wait for.
    for (const run of backlog) run();
    if (this.#queue.length === 0) this.#leaveThread();
  }

  #touch(account: CpuAccount): void {
    if (account.isTouched) return;
    account.isTouched = true;
    this.touched.push(account);
  }

  #claim(account: CpuAccount): boolean {
    if (!this.hasThread && !this.#gate.enter(this)) return false;
    if (this.#queue.length === 0) {
      this.headStartedAt = performance.now();
      this.#watchdog.watch(this);
      this.isUsedSinceProbe = true;
    }
    this.#queue.push(account);
    account.pendingSlices += 1;
    return true;
  }

  #sliceEnded(failure: { readonly error: unknown } | undefined): void {
    const account = this.#queue.shift();
    if (account === undefined) return;
    const now = performance.now();
    const from = Math.max(this.headStartedAt, this.#watchdog.lastLookAt);
    this.headStartedAt = now;
    this.countSlice(account, now - from);
    account.pendingSlices -= 1;
    if (this.disposedAt === undefined) {
      if (failure !== undefined) this.#failed(account, failure.error);
      if (account.pendingSlices === 0) account.onIdle();
    }
    if (this.#queue.length === 0) this.#leaveThread();
  }

  #failed(account: CpuAccount, error: unknown): void {
    if (this.isolate.isDisposed) this.#listener.isolateEnded(account);
    else this.#listener.sliceFailed(account, error);
  }

  #leaveThread(): void {
    if (this.hasThread) {
      this.hasThread = false;
      this.#gate.leave(this);
    }
    if (this.disposedAt === undefined && this.isIdle) this.#listener.idle();
  }
}

/** Each argument costs an allocation on both sides: no more than there are. */
function sliceArguments(
  op: EnterOp,
  eventId: number,
  a: SliceArgument,
  b: SliceArgument,
  c: SliceArgument,
  d: SliceArgument,
  e: SliceArgument,
): SliceCall {
  if (e !== undefined) return [op, eventId, a, b, c, d, e];
  if (d !== undefined) return [op, eventId, a, b, c, d];
  if (c !== undefined) return [op, eventId, a, b, c];
  if (b !== undefined) return [op, eventId, a, b];
  if (a !== undefined) return [op, eventId, a];
  return [op, eventId];
}
