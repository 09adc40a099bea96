import type { SliceRunner } from './slice-runner.ts';

const MiB = 1024 * 1024;
/** What the process needs beside the isolates. */
const ownBytes = 128 * MiB;
/** One slice may make the process grow by this multiple of its limit: garbage counts, too. */
const growthFactor = 3;
/**
 * CPU of one slice before it can be to blame. Whoever fills memory stays inside for long (128 MiB
 * take 60 ms of CPU at the very least); a neighbour that answers quickly is let alone, also while its
 * thread waits for a core.
 */
const suspectCpuMs = 20;
/** Over budget, whoever grew less than this is no culprit: the pages are left over from others. */
const culpritBytes = 32 * MiB;
/** So far over budget somebody must go, to keep the machine alive. */
const emergencyFactor = 1.5;
/** How often the process's memory is read while nothing stays inside (4 to 50 µs each). */
const calmReadMs = 50;
/** How long after its end an isolate's memory may take to come back, on a crowded machine. */
const comingBackMs = 100;
/** A script that goes on after its end gives nothing back. */
const stopsWithinMs = 500;
const reliefPauseMs = 250;
/** Growth since the last collection that makes one worth its time. */
const worthwhileBytes = 64 * MiB;
const collectionPauseMs = 2_000;

export interface MemoryGuardOptions {
  /** For the isolates together. */
  readonly budgetBytes: number;
  readonly collectGarbage: () => void;
  /** Over budget and no slice is to blame: there is room to be made. */
  readonly relief: () => MemoryRelief;
}

/** Makes room by what is known of isolates between their slices. */
export interface MemoryRelief {
  /** Evicts idle isolates of so many bytes, and measures the others. */
  evictIdle(bytes: number): void;
  /** Ends the largest isolate, if one is large. */
  evictLargest(): boolean;
  /** No isolate has the memory that is missing: the process should be replaced. */
  overgrown(): void;
}

/**
 * The last resort for memory that neither V8 nor isolated-vm counts (texts on their way, native
 * lists), and the budget of all isolates together. An isolate's own memory can be measured only
 * between two slices, so blame falls on running slices alone: growth of the process is shared out
 * among those that have been inside for long, in proportion to their CPU time and never more than
 * they could have allocated in it. Whoever came and went is not blamed; its isolate can be measured.
 */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions;
  readonly #budgetBytes: number;
  /** Isolates that were ended and whose memory is about to come back: what it may be, and since when. */
  readonly #comingBack = new Map<SliceRunner, { bytes: number; endedAt: number | undefined }>();
  #rssBytes = process.memoryUsage.rss();
  #readAt = 0;
  #lookedAt = 0;
  #relievedAt = 0;
  #isOvergrown = false;
  #collectedBytes = this.#rssBytes;
  #collectedAt = 0;

  constructor(options: MemoryGuardOptions) {
    this.#options = options;
    this.#budgetBytes = this.#rssBytes + ownBytes + options.budgetBytes;
  }

  /** Called at each look of the watchdog; `share` is the CPU per wall time of what ran. */
  look(
    runners: Iterable<SliceRunner>,
    tick: { readonly share: number; readonly now: number },
  ): void {
    const { share, now } = tick;
    const inside = this.#addCpu(runners, share, now);
    this.#lookedAt = now;
    if (inside.length === 0 && now - this.#readAt < calmReadMs) return;
    this.#read(inside, now);
    const suspects = inside.filter(
      ({ growth, disposedAt }) => disposedAt === undefined && growth.cpuMs >= suspectCpuMs,
    );
    const biggest = suspects.toSorted((one, other) => other.growth.bytes - one.growth.bytes)[0];
    if (biggest !== undefined && isBeyondMeasure(biggest)) biggest.listener.overMemory();
    else this.#keepBudget(biggest, now);
  }

  /** Nothing has run for a while: the time to clean up. False when it should be called again. */
  quiet(now: number): boolean {
    return this.#collect(now) || !this.#isWorthwhile();
  }

  /** Adds up the CPU of the running slices; answers those that were inside since the last look. */
  #addCpu(runners: Iterable<SliceRunner>, share: number, now: number): SliceRunner[] {
    const inside: SliceRunner[] = [];
    for (const runner of runners) {
      const { headStartedAt, growth, disposedAt } = runner;
      if (disposedAt !== undefined && !this.#comingBack.has(runner)) {
        this.#comingBack.set(runner, { bytes: growth.bytes, endedAt: undefined });
      }
      if (runner.running === undefined) continue;
      growth.addCpu(headStartedAt, (now - Math.max(headStartedAt, this.#lookedAt)) * share);
      if (headStartedAt <= this.#lookedAt) inside.push(runner);
    }
    return inside;
  }

  /** Shares the growth of the process out among the slices inside. */
  #read(inside: readonly SliceRunner[], now: number): void {
    const before = this.#rssBytes;
    this.#rssBytes = process.memoryUsage.rss();
    this.#readAt = now;
    let cpuMs = 0;
    for (const { growth } of inside) cpuMs += growth.newCpuMs;
    if (cpuMs === 0) return;
    const perMs = (this.#rssBytes - before) / cpuMs;
    for (const { growth } of inside) growth.addBytes(growth.newCpuMs * perMs);
  }

  #keepBudget(biggest: SliceRunner | undefined, now: number): void {
    const excessBytes = this.#rssBytes - this.#bytesComingBack(now) - this.#budgetBytes;
    if (excessBytes <= 0 || this.#collect(now)) return;
    const isEmergency = excessBytes > this.#budgetBytes * (emergencyFactor - 1);
    if (biggest !== undefined && (biggest.growth.bytes > culpritBytes || isEmergency)) {
      biggest.listener.overMemory();
    } else if (now - this.#relievedAt > reliefPauseMs) {
      this.#relievedAt = now;
      const relief = this.#options.relief();
      relief.evictIdle(excessBytes);
      if (!isEmergency || this.#isOvergrown || relief.evictLargest()) return;
      this.#isOvergrown = true;
      relief.overgrown();
    }
  }

  #bytesComingBack(now: number): number {
    let sum = 0;
    for (const [runner, ended] of this.#comingBack) {
      if (runner.running === undefined) ended.endedAt ??= now;
      const isOver =
        ended.endedAt === undefined
          ? now - (runner.disposedAt ?? now) > stopsWithinMs
          : now - ended.endedAt > comingBackMs;
      if (isOver && runner.running === undefined) this.#comingBack.delete(runner);
      if (!isOver) sum += ended.bytes;
    }
    return sum;
  }

  /** False when there is nothing to gain, or there was a collection a moment ago. */
  #collect(now: number): boolean {
    if (now - this.#collectedAt < collectionPauseMs || !this.#isWorthwhile()) return false;
    this.#options.collectGarbage();
    this.#collectedAt = now;
    this.#rssBytes = process.memoryUsage.rss();
    this.#collectedBytes = this.#rssBytes;
    return true;
  }

  #isWorthwhile(): boolean {
    return process.memoryUsage.rss() - this.#collectedBytes > worthwhileBytes;
  }
}

function isBeyondMeasure({ growth, isolate }: SliceRunner): boolean {
  return growth.bytes > isolate.memoryLimitBytes * growthFactor;
}
