import type { SliceRunner } from './slice-runner.ts';

/**
 * Bounds how many isolates run at once: isolated-vm's thread pool has cores + 1 threads and then
 * starts one thread per entry without end.
 */
export class ThreadGate {
  readonly #limit: number;
  #running = 0;
  readonly #waiting = new Set<SliceRunner>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a thread; when false, `runner.resume` is called once one is free. */
  enter(runner: SliceRunner): boolean {
    if (this.#running >= this.#limit) {
      this.#waiting.add(runner);
      return false;
    }
    this.#running += 1;
    runner.hasThread = true;
    return true;
  }

  leave(runner: SliceRunner): void {
    this.#waiting.delete(runner);
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.resume();
  }
}
