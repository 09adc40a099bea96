import type { SliceRunner } from './slice-runner.ts';

const MiB = 1024 * 1024;
/** What the process needs beside the isolates. */
const ownBytes = 128 * MiB;
/** One isolate may make the process grow by this multiple of its limit: garbage counts, too. */
const growthFactor = 3;
/** After a kill the memory needs a moment to come back. */
const pauseMs = 50;
/** Over budget, whoever grew less than this is no culprit: the pages are left over from others. */
const culpritBytes = 32 * MiB;
/**
 * CPU of one slice. Whoever fills memory stays inside for long; a neighbour that only answers
 * quickly is let alone, also when its thread waits for a core.
 */
const culpritSliceMs = 15;
/** So far over budget somebody must go, to keep the machine alive. */
const emergencyFactor = 1.5;
/** Growth since the last collection that makes one worth its time. */
const worthwhileBytes = 64 * MiB;
const collectionPauseMs = 2_000;

export interface MemoryGuardOptions {
  /** For the isolates together. */
  readonly budgetBytes: number;
  readonly collectGarbage: () => void;
}

/**
 * Watches what V8 and isolated-vm do not count: memory of WebAssembly, texts on their way, native
 * lists. The growth of the process is blamed on whoever ran meanwhile, in proportion. An isolate
 * that makes the process grow beyond all measure is ended; when the whole process is over its
 * budget, the one that grew most of those that run for long.
 */
export class MemoryGuard {
  readonly #budgetBytes: number;
  readonly #collectGarbage: () => void;
  #rssBytes = process.memoryUsage.rss();
  #collectedBytes: number;
  #collectedAt = 0;
  #pausedUntil = 0;
  #lookedAt = 0;

  constructor({ budgetBytes, collectGarbage }: MemoryGuardOptions) {
    this.#budgetBytes = this.#rssBytes + ownBytes + budgetBytes;
    this.#collectGarbage = collectGarbage;
    this.#collectedBytes = this.#rssBytes;
  }

  /**
   * Called at each look of the watchdog; `activeMs` is the sum over all runners, `share` the CPU per
   * wall time of what ran.
   */
  look(
    runners: Iterable<SliceRunner>,
    tick: { readonly activeMs: number; readonly share: number; readonly now: number },
  ): void {
    const { activeMs, share: cpuShare, now } = tick;
    const rssBytes = process.memoryUsage.rss();
    const grownBytes = rssBytes - this.#rssBytes;
    this.#rssBytes = rssBytes;
    const isLong = (runner: SliceRunner): boolean =>
      runner.running !== undefined && runner.headStartedAt <= this.#lookedAt;
    let longMs = 0;
    for (const runner of runners) if (isLong(runner)) longMs += runner.activeMs;
    let biggest: SliceRunner | undefined;
    let culprit: SliceRunner | undefined;
    for (const runner of runners) {
      // Whoever was inside all the time did it, not those who came and went meanwhile.
      const isBlamed = longMs === 0 || isLong(runner);
      const share = isBlamed ? runner.activeMs / (longMs > 0 ? longMs : activeMs || 1) : 0;
      blame(runner, grownBytes, share);
      if (runner.disposedAt !== undefined || runner.running === undefined) continue;
      if (biggest === undefined || runner.grownBytes > biggest.grownBytes) biggest = runner;
      if ((now - runner.headStartedAt) * cpuShare < culpritSliceMs) continue;
      if (culprit === undefined || runner.grownBytes > culprit.grownBytes) culprit = runner;
    }
    this.#lookedAt = now;
    const isOverBudget = rssBytes > this.#budgetBytes && now > this.#pausedUntil;
    if (isOverBudget && this.#collect(now)) return;
    const guilty = this.#guilty({ biggest, culprit, isOverBudget });
    if (guilty === undefined) return;
    this.#pausedUntil = now + pauseMs;
    guilty.listener.overMemory();
  }

  /** Who must go, if anybody: the biggest of all, or the biggest of those that run for long. */
  #guilty(seen: {
    readonly biggest: SliceRunner | undefined;
    readonly culprit: SliceRunner | undefined;
    readonly isOverBudget: boolean;
  }): SliceRunner | undefined {
    const { biggest, culprit, isOverBudget } = seen;
    if (biggest === undefined) return undefined;
    const isOverOwn = biggest.grownBytes > biggest.isolate.memoryLimitBytes * growthFactor;
    if (!isOverOwn && !isOverBudget) return undefined;
    if (culprit !== undefined && culprit.grownBytes > culpritBytes) return culprit;
    const isEmergency = this.#rssBytes > this.#budgetBytes * emergencyFactor;
    return isOverOwn || isEmergency ? biggest : undefined;
  }

  /** Nothing has run for a while: the time to clean up. False when it should be called again. */
  quiet(now: number): boolean {
    return this.#collect(now) || !this.#isWorthwhile();
  }

  /** False when there is nothing to gain, or there was a collection a moment ago. */
  #collect(now: number): boolean {
    if (now - this.#collectedAt < collectionPauseMs || !this.#isWorthwhile()) return false;
    this.#collectGarbage();
    this.#collectedAt = now;
    this.#rssBytes = process.memoryUsage.rss();
    this.#collectedBytes = this.#rssBytes;
    return true;
  }

  #isWorthwhile(): boolean {
    return process.memoryUsage.rss() - this.#collectedBytes > worthwhileBytes;
  }
}

function blame(runner: SliceRunner, grownBytes: number, share: number): void {
  // Half is forgotten in about a second of running.
  runner.grownBytes *= 0.997;
  runner.grownBytes = Math.max(0, runner.grownBytes + grownBytes * share);
}
