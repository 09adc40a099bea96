import type { IsolateFactory, WorkerIsolate } from './worker-isolate.ts';

/** The worker that took an isolate starts first: booting the next one costs this thread 1–2 ms. */
const refillDelayMs = 2;
/** Booting is mostly other threads' work; more at once would only crowd the cores. */
const bootsAtOnce = 2;

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
  #booting = 0;
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
    if (this.#timer !== undefined || this.#isDisposed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#refill();
    }, refillDelayMs);
    this.#timer.unref();
  }

  #refill(): void {
    const { count } = this.#options;
    while (this.#booting < bootsAtOnce && this.#waiting.length + this.#booting < count) {
      this.#booting += 1;
      void this.#boot().finally(() => {
        this.#booting -= 1;
      });
    }
  }

  async #boot(): Promise<void> {
    const { factory, memoryLimitBytes, onError } = this.#options;
    try {
      const isolate = await factory.boot(memoryLimitBytes);
      if (this.#isDisposed) isolate.dispose();
      else this.#waiting.push(isolate);
    } catch (error) {
      onError(error);
      return;
    }
    this.#refillSoon();
  }
}
