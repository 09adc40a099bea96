import type { IsolateFactory, WorkerIsolate } from './worker-isolate.ts';

/** How long after the last take the next isolate is booted: booting costs this thread 2–3 ms. */
const refillDelayMs = 20;

export interface SpareIsolatesOptions {
  readonly factory: IsolateFactory;
  readonly count: number;
  /** Memory limit of the spares; others are booted on demand. */
  readonly memoryLimitBytes: number;
  /** A boot failed; the next one is tried at the next take. */
  readonly onError: (error: unknown) => void;
}

/** Booted isolates in waiting, so that a cold start only evaluates the worker's own code. */
export class SpareIsolates {
  readonly #options: SpareIsolatesOptions;
  readonly #waiting: WorkerIsolate[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isBooting = false;
  #isDisposed = false;

  constructor(options: SpareIsolatesOptions) {
    this.#options = options;
    this.#refillSoon();
  }

  get size(): number {
    return this.#waiting.length;
  }

  take(memoryLimitBytes: number): Promise<WorkerIsolate> | WorkerIsolate {
    this.#refillSoon();
    if (memoryLimitBytes === this.#options.memoryLimitBytes) {
      const spare = this.#waiting.shift();
      if (spare !== undefined) return spare;
    }
    return this.#options.factory.boot(memoryLimitBytes);
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const isolate of this.#waiting.splice(0)) isolate.dispose();
  }

  #refillSoon(): void {
    if (this.#isDisposed || this.#isBooting) return;
    clearTimeout(this.#timer);
    if (this.#waiting.length >= this.#options.count) return;
    // Not while requests wait for this thread: the delay starts anew with every take.
    this.#timer = setTimeout(() => void this.#refill(), refillDelayMs);
    this.#timer.unref();
  }

  async #refill(): Promise<void> {
    this.#isBooting = true;
    try {
      const isolate = await this.#options.factory.boot(this.#options.memoryLimitBytes);
      if (this.#isDisposed) isolate.dispose();
      else this.#waiting.push(isolate);
    } catch (error) {
      this.#options.onError(error);
      return;
    } finally {
      this.#isBooting = false;
    }
    this.#refillSoon();
  }
}
