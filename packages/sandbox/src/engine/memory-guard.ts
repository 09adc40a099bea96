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
 * budget, the running one that grew most, if it grew much.
 */
export class MemoryGuard {
  readonly #budgetBytes: number;
  readonly #collectGarbage: () => void;
  #rssBytes = process.memoryUsage.rss();
  #collectedBytes: number;
  #collectedAt = 0;
  #pausedUntil = 0;

  constructor({ budgetBytes, collectGarbage }: MemoryGuardOptions) {
    this.#budgetBytes = this.#rssBytes + ownBytes + budgetBytes;
    this.#collectGarbage = collectGarbage;
    this.#collectedBytes = this.#rssBytes;
  }

  /** Called at each look of the watchdog; `activeMs` is the sum over all runners. */
  look(runners: Iterable<SliceRunner>, activeMs: number, now: number): void {
    const rssBytes = process.memoryUsage.rss();
    const grownBytes = rssBytes - this.#rssBytes;
    this.#rssBytes = rssBytes;
    let biggest: SliceRunner | undefined;
    for (const runner of runners) {
      blame(runner, grownBytes, activeMs > 0 ? runner.activeMs / activeMs : 0);
      if (runner.disposedAt !== undefined) continue;
      if (biggest === undefined || runner.grownBytes > biggest.grownBytes) biggest = runner;
    }
    const isOverBudget = rssBytes > this.#budgetBytes && now > this.#pausedUntil;
    if (isOverBudget && this.#collect(now)) return;
    if (biggest?.running === undefined) return;
    const isOverOwn = biggest.grownBytes > biggest.isolate.memoryLimitBytes * growthFactor;
    const isEmergency = rssBytes > this.#budgetBytes * emergencyFactor;
    const isCulprit = isOverBudget && (isEmergency || biggest.grownBytes > culpritBytes);
    if (!isOverOwn && !isCulprit) return;
    this.#pausedUntil = now + pauseMs;
    biggest.listener.overMemory();
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
