import type { TerminationReason } from '@openworkers/core';
import { platformLimits, type WorkerLimits } from '@openworkers/core/limits';
import { enterOps } from '@openworkers/runtime';
import { CodecTable } from './codecs/codec-table.ts';
import { CpuAccount } from './cpu-account.ts';
import {
  backgroundShare,
  compactAfterIdleMs,
  compactBelowBytes,
  newIsolateBytes,
  timersInFlight,
} from './engine-limits.ts';
import type { CryptoDesk } from './crypto/crypto-desk.ts';
import { EventTable } from './event-table.ts';
import type { ChannelOpener } from './channels/channel-opener.ts';
import type { HostJobs } from './host-jobs.ts';
import { receiveAnywhere, receiveForEvent } from './host-messages.ts';
import { answerSync } from './host-sync.ts';
import { isCount } from './is-count.ts';
import type { IsolateListener, WorkerIsolate } from './isolate/worker-isolate.ts';
import { headersProblem } from './response-headers.ts';
import type { SliceBatch } from './slice-batch.ts';
import { SliceRunner, type SliceListener } from './slice-runner.ts';
import type { ThreadGate } from './thread-gate.ts';
import { TimerQueue } from './timer-queue.ts';
import type { Watchdog } from './watchdog.ts';
import { IsolateSocketMemory, type SocketMemory } from '../websocket/socket-memory.ts';
import type { EngineEvents, LoadedVersion, WorkerLogRecord } from './worker-engine.ts';
import type { EventPhase, WorkerEvent } from './worker-event.ts';

/** This thread's time for one message of an isolate (measured: 2–3 µs), charged to its sender. */
const messageMs = 0.003;
/** Messages of one event that are not charged: an ordinary request needs a handful. */
const freeMessages = 32;
/** Copying a text or buffer out of an isolate: 1 GiB/s. */
const msPerCopiedByte = 1000 / 1024 ** 3;
/** Texts and buffers that are not worth counting. */
const freeBytes = 16 * 1024;

/** Told to whoever keeps the instance. */
export interface InstanceOwner {
  phaseChanged(before: EventPhase, after: EventPhase): void;
  /** The event has no answer yet and waits for something. */
  eventWaits(): void;
  eventRemoved(event: WorkerEvent): void;
  idle(): void;
  /** The isolate is gone; its events have been told. */
  ended(reason: TerminationReason): void;
  /** The worker's module and its top-level awaits are done. */
  evaluated(): void;
  /** Something threw while the worker was still starting. */
  startFailed(error: unknown): void;
}

/** One isolate with one worker version in it, and the events that run there. */
export class WorkerInstance implements IsolateListener, SliceListener {
  readonly handle: string;
  readonly limits: WorkerLimits;
  readonly runner: SliceRunner;
  /** Leads the channels of its events further. */
  readonly channels: ChannelOpener;
  /** Work for it outside of the isolate. */
  readonly jobs: HostJobs;
  readonly crypto: CryptoDesk;
  /** Its compressors and decompressors. */
  readonly codecs = new CodecTable(this);
  /** Start-up, and code that runs for no event. */
  readonly background: CpuAccount;
  /** Where its WebSockets count what waits. */
  readonly sockets: { readonly memory: SocketMemory; readonly isolateMemory: IsolateSocketMemory };
  memoryBytes = newIsolateBytes;
  /** The worker has listeners for unhandled rejections, and decides whether they are logged. */
  watchesRejections = false;
  /** False until the worker's module ran to its end. */
  isStarted = false;
  isUsedSinceMeasured = false;
  /** Gave back, once, what its start left behind. */
  isCompacted = false;
  lastUsedAt = performance.now();
  measuredAt = 0;
  readonly #owner: InstanceOwner;
  readonly #engineEvents: EngineEvents;
  readonly #watchdog: Watchdog;
  readonly #isolate: WorkerIsolate;
  readonly #events = new EventTable<WorkerEvent>();
  readonly #timers = new TimerQueue();
  #timerHandle: NodeJS.Timeout | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;
  #messages = 0;
  #validHeaders = '';
  #forgivenAt = performance.now();
  #isDead = false;

  constructor(options: {
    readonly version: LoadedVersion;
    readonly isolate: WorkerIsolate;
    readonly owner: InstanceOwner;
    readonly engineEvents: EngineEvents;
    readonly channels: ChannelOpener;
    readonly watchdog: Watchdog;
    readonly gate: ThreadGate;
    readonly batch: SliceBatch;
    readonly jobs: HostJobs;
    readonly socketMemory: SocketMemory;
    readonly crypto: CryptoDesk;
  }) {
    const { version, isolate, watchdog, gate, batch } = options;
    this.handle = version.handle;
    this.limits = version.limits;
    this.channels = options.channels;
    this.background = new CpuAccount(0, version.limits.startupCpuMs);
    this.#owner = options.owner;
    this.#engineEvents = options.engineEvents;
    this.#watchdog = watchdog;
    this.jobs = options.jobs;
    this.crypto = options.crypto;
    this.#isolate = isolate;
    this.sockets = { memory: options.socketMemory, isolateMemory: new IsolateSocketMemory() };
    isolate.listener = this;
    this.runner = new SliceRunner({ isolate, listener: this, watchdog, gate, batch });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get eventCount(): number {
    return this.#events.size;
  }

  get events(): Iterable<WorkerEvent> {
    return this.#events.toArray();
  }

  begin(event: WorkerEvent): void {
    this.#events.add(event);
    this.isUsedSinceMeasured = true;
    event.begin(this);
  }

  /** Hands the worker's exports to the runtime; the events may follow at once. */
  register(): void {
    this.background.limitMs = this.limits.cpuMs;
    this.background.cpuMs = 0;
    this.#forgivenAt = performance.now();
    // A failure would be the runtime's own; requests then find no handler.
    this.runner.step(this.background, () => this.#isolate.register()).catch(() => undefined);
  }

  /** Ends the isolate: `culprit` (an event or the background) gets the reason, the others `Retired`. */
  kill(reason: TerminationReason, culprit: CpuAccount | undefined): void {
    if (this.#isDead) return;
    this.#isDead = true;
    clearTimeout(this.#timerHandle);
    this.runner.dispose();
    this.codecs.closeAll();
    for (const event of this.#events.toArray()) {
      // By its id: a message of a WebSocket has an account of its own.
      event.terminate(event.id === culprit?.id ? reason : 'Retired');
    }
    this.#owner.ended(reason);
  }

  // Used by events and messages.

  estimateCpuMs(account: CpuAccount): number {
    return this.#watchdog.estimateMs(account);
  }

  /** This thread has worked so long for the account, outside its slices; over its limit, it ends. */
  chargeOwnThread(account: CpuAccount, elapsedMs: number): void {
    if (this.#isDead) return;
    account.cpuMs += this.#watchdog.ownThreadCpuMs(elapsedMs);
    this.overLimit(account);
  }

  phaseChanged(before: EventPhase, after: EventPhase): void {
    this.#owner.phaseChanged(before, after);
  }

  eventWaits(): void {
    this.#owner.eventWaits();
  }

  remove(event: WorkerEvent): void {
    this.#events.delete(event.id);
    this.codecs.closeOf(event);
    if (event.usesTimers) this.#timers.clearAccount(event);
    this.lastUsedAt = performance.now();
    this.#owner.eventRemoved(event);
  }

  headersProblem(flat: string): string | undefined {
    // Most workers send the same headers again and again.
    if (flat === this.#validHeaders) return undefined;
    const problem = headersProblem(flat);
    if (problem === undefined) this.#validHeaders = flat;
    return problem;
  }

  consoleLine(event: WorkerEvent | undefined, level: WorkerLogRecord['level'], text: string): void {
    if (event !== undefined) {
      event.logLines += 1;
      // One more than the limit: the runtime's own mark that lines were dropped.
      if (event.logLines > platformLimits.logLines.tenant + 1) return;
    }
    this.log(event, level, text.slice(0, platformLimits.logLineBytes.tenant + 64));
  }

  log(
    event: WorkerEvent | undefined,
    level: WorkerLogRecord['level'],
    message: string,
    stack = '',
  ): void {
    const most = platformLimits.logLineBytes.tenant;
    this.#engineEvents.log({
      handle: this.handle,
      requestId: event?.request.requestId,
      timeMs: Date.now(),
      level,
      message: message.length > most ? message.slice(0, most) : message,
      ...(stack === '' ? {} : { stack: stack.slice(0, most) }),
    });
  }

  setTimer(event: WorkerEvent | undefined, id: number, delayMs: number): void {
    if (this.#timers.size >= this.limits.timers * 2) {
      // The runtime refuses much earlier, so something broke it.
      this.kill('MemoryLimit', event ?? this.background);
      return;
    }
    if (event !== undefined) event.usesTimers = true;
    const now = performance.now();
    this.#timers.set({ id, account: event ?? this.background, delayMs, now });
    this.#armTimers(now);
  }

  clearTimer(id: number): void {
    this.#timers.clear(id);
  }

  /** Measures the isolate when it has been used since the last time; kills it when over its limit. */
  async measure(): Promise<void> {
    this.isUsedSinceMeasured = false;
    this.measuredAt = performance.now();
    const isolateBytes = await this.runner
      .step(this.background, () => this.#isolate.measureMemory())
      .catch(() => undefined);
    if (isolateBytes === undefined) return;
    const bytes = isolateBytes + this.codecs.sizeBytes;
    this.memoryBytes = bytes;
    if (bytes > this.limits.memoryBytes * 1.25) this.kill('MemoryLimit', undefined);
  }

  /** Whether it is worth a collection now: idle for a while, small, and never collected before. */
  isCompactable(now: number): boolean {
    return (
      !this.isCompacted &&
      this.isStarted &&
      this.runner.isIdle &&
      now - this.lastUsedAt > compactAfterIdleMs &&
      this.memoryBytes < compactBelowBytes
    );
  }

  compact(): void {
    this.isCompacted = true;
    this.isUsedSinceMeasured = true;
    this.runner.enter(this.background, enterOps.collectGarbage);
  }

  // IsolateListener

  host(op: unknown, eventId: unknown, a: unknown, b: unknown, c: unknown, d: unknown): void {
    if (this.#isDead || !isCount(eventId)) return;
    const event = this.#events.get(eventId);
    this.#charge(event, sizeOf(a) + sizeOf(b) + sizeOf(c) + sizeOf(d));
    if (this.#isDead) return;
    // An event that is over has nothing to say any more.
    if (event === undefined && eventId !== 0) return;
    const message = { a, b, c, d };
    if (!receiveAnywhere(this, event, op, message) && event !== undefined) {
      receiveForEvent(this, event, op, message);
    }
  }

  hostSync(op: unknown, a: unknown, b: unknown): string | ArrayBuffer | undefined {
    const account = this.runner.running;
    if (this.#isDead || account === undefined) return undefined;
    const startedAt = performance.now();
    const answer = answerSync(op, a, b);
    account.cpuMs += this.#watchdog.ownThreadCpuMs(performance.now() - startedAt);
    return answer;
  }

  evaluated(): void {
    if (this.#isDead || this.isStarted) return;
    this.isStarted = true;
    this.#owner.evaluated();
  }

  lost(): void {
    this.kill('MemoryLimit', this.runner.running);
    this.unstoppable();
  }

  // SliceListener

  sliceFailed(account: CpuAccount, error: unknown): void {
    if (account === this.background && !this.isStarted) {
      this.#owner.startFailed(error);
      return;
    }
    const { line, stack } = describe(error);
    const event = this.#events.get(account.id);
    if (!this.watchesRejections) {
      this.log(event, 'error', line, stack);
      return;
    }
    const isError = error instanceof Error;
    this.runner.enter(
      event ?? this.background,
      enterOps.unhandledRejection,
      line,
      stack,
      isError ? 'error' : error === null ? 'null' : typeof error,
      isError ? error.message : String(error),
      isError ? error.name : undefined,
    );
  }

  isolateEnded(running: CpuAccount | undefined): void {
    this.kill('MemoryLimit', running);
  }

  idle(): void {
    this.#owner.idle();
  }

  overLimit(account: CpuAccount): void {
    if (!this.#isOverLimit(account)) return;
    const event = this.#events.get(account.id);
    if (this.runner.running === account || account === this.background) {
      // Who fills its memory that fast needs the time for that.
      const isFull = this.runner.growth.bytes >= this.limits.memoryBytes;
      this.kill(isFull ? 'MemoryLimit' : 'CpuTimeLimit', account);
    } else if (event !== undefined) event.stop('CpuTimeLimit');
  }

  probe(): void {
    // No event has the background's id: the runtime finds nothing to do.
    this.runner.enter(this.background, enterOps.endEvent);
  }

  overMemory(): void {
    this.kill('MemoryLimit', this.runner.running);
  }

  unstoppable(): void {
    this.#engineEvents.unstoppable(this.handle);
  }

  /**
   * Whether the account is over its limit. The background's, which also pays for measurements and
   * probes, would fill up over the hours: it is forgiven with time.
   */
  #isOverLimit(account: CpuAccount): boolean {
    if (account.isOverLimit && account === this.background && this.isStarted) {
      const now = performance.now();
      account.cpuMs = Math.max(0, account.cpuMs - (now - this.#forgivenAt) * backgroundShare);
      this.#forgivenAt = now;
    }
    return account.isOverLimit;
  }

  /** Lets the sender pay for this thread's time; over its limit, the isolate ends at once. */
  #charge(event: WorkerEvent | undefined, bytes: number): void {
    const account = event ?? this.background;
    this.#messages += 1;
    if (event === undefined || ++event.messages > freeMessages) account.cpuMs += messageMs;
    if (bytes > freeBytes) account.cpuMs += bytes * msPerCopiedByte;
    // A flood keeps this thread from its timers: look at the clock from here.
    if (this.#messages % 256 === 0) this.#watchdog.look();
    // All values of one batch of messages stay in memory until its end, so a flood must end soon.
    if (!this.#isDead && this.#isOverLimit(account)) this.kill('CpuTimeLimit', account);
  }

  #armTimers(now: number): void {
    const dueAt = this.#timers.nextDueAt;
    if (dueAt === undefined || dueAt >= this.#timerDueAt) return;
    clearTimeout(this.#timerHandle);
    this.#timerDueAt = dueAt;
    this.#timerHandle = setTimeout(() => this.#fireTimers(), Math.max(0, dueAt - now));
  }

  #fireTimers(): void {
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    while (this.runner.queuedSlices < timersInFlight) {
      const timer = this.#timers.takeDue(now);
      if (timer === undefined) break;
      this.runner.enter(timer.account, enterOps.timer, timer.id);
    }
    this.#armTimers(now);
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return value instanceof ArrayBuffer ? value.byteLength : 0;
}

/** What an isolate's rejection says: copied strings, without the sandbox's own frames. */
export function describe(error: unknown): { line: string; stack: string } {
  if (!(error instanceof Error)) return { line: `Uncaught ${String(error)}`, stack: '' };
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const boundary = stack.indexOf('\n    at (<isolated-vm boundary>)');
  return {
    line: `Uncaught ${error.name}: ${error.message}`,
    stack: boundary < 0 ? stack : stack.slice(0, boundary),
  };
}
