import { Deferred, enqueueMicrotask, react } from '../safe-promise.ts';
import { DefaultController } from './readable-default-controller.ts';
import { DefaultReaderState, ReadableState } from './readable-state.ts';
import type { ReadRequest } from './readable-state.ts';

/** Makes the chunk that the second branch gets; throwing errors both branches. */
type CloneChunk = (chunk: unknown) => unknown;

/** One of the two streams that come out of a tee. */
interface Branch {
  readonly stream: ReadableState;
  readonly controller: DefaultController;
  isCancelled: boolean;
  reason: unknown;
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee */
class Tee implements ReadRequest {
  readonly first: Branch;
  readonly second: Branch;
  readonly #source: ReadableState;
  readonly #reader: DefaultReaderState;
  readonly #cloneChunk: CloneChunk | undefined;
  readonly #cancelled = new Deferred<undefined>();
  #isReading = false;
  #readAgain = false;

  constructor(source: ReadableState, cloneChunk: CloneChunk | undefined) {
    this.#source = source;
    this.#reader = new DefaultReaderState(source);
    this.#cloneChunk = cloneChunk;
    this.first = this.#branch();
    this.second = this.#branch();
    react(this.#reader.closed.promise, ignore, (reason) => {
      this.#errorBoth(reason);
      if (!this.first.isCancelled || !this.second.isCancelled) this.#cancelled.resolve(undefined);
    });
    this.first.controller.start(undefined);
    this.second.controller.start(undefined);
  }

  chunk(chunk: unknown): void {
    // Errors of the source must be seen before its chunks, hence not at once.
    enqueueMicrotask(() => this.#deliver(chunk));
  }

  close(): void {
    this.#isReading = false;
    if (!this.first.isCancelled) this.first.controller.close();
    if (!this.second.isCancelled) this.second.controller.close();
    if (!this.first.isCancelled || !this.second.isCancelled) this.#cancelled.resolve(undefined);
  }

  error(): void {
    this.#isReading = false;
  }

  #deliver(chunk: unknown): void {
    this.#readAgain = false;
    let copy = chunk;
    if (!this.second.isCancelled && this.#cloneChunk !== undefined) {
      try {
        copy = this.#cloneChunk(chunk);
      } catch (error) {
        this.#errorBoth(error);
        this.#settleCancelled(this.#source.cancel(error));
        return;
      }
    }
    if (!this.first.isCancelled) this.first.controller.enqueue(chunk);
    if (!this.second.isCancelled) this.second.controller.enqueue(copy);
    this.#isReading = false;
    if (this.#readAgain) this.#pull();
  }

  #pull(): undefined {
    if (this.#isReading) {
      this.#readAgain = true;
      return undefined;
    }
    this.#isReading = true;
    this.#reader.read(this);
    return undefined;
  }

  #branch(): Branch {
    const stream = new ReadableState();
    const controller = new DefaultController(stream, {
      highWaterMark: 1,
      size: undefined,
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(branch, reason),
    });
    const branch: Branch = { stream, controller, isCancelled: false, reason: undefined };
    return branch;
  }

  #cancel(branch: Branch, reason: unknown): Promise<undefined> {
    branch.isCancelled = true;
    branch.reason = reason;
    if (this.first.isCancelled && this.second.isCancelled) {
      this.#settleCancelled(this.#source.cancel([this.first.reason, this.second.reason]));
    }
    return this.#cancelled.promise;
  }

  #settleCancelled(result: Promise<undefined>): void {
    react(
      result,
      () => this.#cancelled.resolve(undefined),
      (error) => this.#cancelled.reject(error),
    );
  }

  #errorBoth(reason: unknown): void {
    this.first.controller.error(reason);
    this.second.controller.error(reason);
  }
}

/** Two streams with the chunks of the one, which is locked from then on; a TypeError if it was. */
export function teeReadable(
  stream: ReadableState,
  cloneChunk: CloneChunk | undefined,
): { first: ReadableState; second: ReadableState } {
  const { first, second } = new Tee(stream, cloneChunk);
  return { first: first.stream, second: second.stream };
}

function ignore(): void {
  // A tee outlives the fulfilment of `closed`: its read request hears of it.
}
