/** What waits for the end of the turn. */
interface Flushable {
  flush(): void;
}

/**
 * Sends the calls of one turn of the event loop together, from the bottom of the stack: an isolate's
 * thread wakes up once for all of them, and isolated-vm, which captures ten frames of the stack with
 * every call, finds few. (Requests of 32 connections: 6 % of the main thread went into those frames.)
 */
export class SliceBatch {
  readonly #flush = (): void => this.#flushAll();
  #waiting: Flushable[] = [];

  add(runner: Flushable): void {
    this.#waiting.push(runner);
    if (this.#waiting.length === 1) queueMicrotask(this.#flush);
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const runner of waiting) runner.flush();
  }
}
