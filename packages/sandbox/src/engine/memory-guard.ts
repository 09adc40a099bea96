import type { SliceRunner } from './slice-runner.ts';

const MiB = 1024 * 1024;
/** What the process needs beside the isolates. */
const ownBytes = 128 * MiB;
/** One isolate may make the process grow by this multiple of its limit: garbage counts, too. */
const growthFactor = 3;
/** After a kill the memory needs a moment to come back. */
const pauseMs = 50;

/**
 * Watches what V8 and isolated-vm do not count: memory of WebAssembly, texts on their way, native
 * lists. The growth of the process is blamed on whoever ran meanwhile, in proportion. An isolate
 * that makes the process grow beyond all measure is ended; when the whole process is over its
 * budget, the running one that grew most.
 */
export class MemoryGuard {
  readonly #budgetBytes: number;
  #rssBytes = process.memoryUsage.rss();
  #pausedUntil = 0;

  /** The budget is for the isolates together. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = this.#rssBytes + ownBytes + budgetBytes;
  }

  /** Called at each look of the watchdog; `activeMs` is the sum over all runners. */
  look(runners: Iterable<SliceRunner>, activeMs: number): void {
    const rssBytes = process.memoryUsage.rss();
    const grownBytes = rssBytes - this.#rssBytes;
    this.#rssBytes = rssBytes;
    let biggest: SliceRunner | undefined;
    for (const runner of runners) {
      blame(runner, grownBytes, activeMs > 0 ? runner.activeMs / activeMs : 0);
      if (runner.disposedAt !== undefined) continue;
      if (biggest === undefined || runner.grownBytes > biggest.grownBytes) biggest = runner;
    }
    if (biggest === undefined || biggest.running === undefined) return;
    const now = performance.now();
    const isOverOwn = biggest.grownBytes > biggest.isolate.memoryLimitBytes * growthFactor;
    const isOverBudget = rssBytes > this.#budgetBytes && now > this.#pausedUntil;
    if (!isOverOwn && !isOverBudget) return;
    this.#pausedUntil = now + pauseMs;
    biggest.listener.overMemory();
  }
}

function blame(runner: SliceRunner, grownBytes: number, share: number): void {
  // Half is forgotten in about a second of running.
  runner.grownBytes *= 0.997;
  runner.grownBytes = Math.max(0, runner.grownBytes + grownBytes * share);
}
