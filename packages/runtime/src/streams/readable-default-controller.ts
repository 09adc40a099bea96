import { TypeError } from '../primordials.ts';
import { promiseResolvedWith, react } from '../safe-promise.ts';
import { Queue } from './queue.ts';
import type { ReadableController, ReadableState, ReadRequest } from './readable-state.ts';

/** What the source of a default stream does; undefined or an undefined result is done at once. */
export interface DefaultSource {
  readonly pull: (() => Promise<unknown> | undefined) | undefined;
  readonly cancel: ((reason: unknown) => Promise<unknown> | undefined) | undefined;
  readonly highWaterMark: number;
  /** Undefined counts every chunk as 1. */
  readonly size: ((chunk: unknown) => number) | undefined;
}

/** https://streams.spec.whatwg.org/#rs-default-controller-class */
export class DefaultController implements ReadableController {
  readonly stream: ReadableState;
  readonly #queue = new Queue<unknown>();
  readonly #highWaterMark: number;
  #pull: DefaultSource['pull'];
  #cancel: DefaultSource['cancel'];
  #size: DefaultSource['size'];
  #isStarted = false;
  #isCloseRequested = false;
  #isPulling = false;
  #pullAgain = false;

  constructor(stream: ReadableState, source: DefaultSource) {
    this.stream = stream;
    this.#highWaterMark = source.highWaterMark;
    this.#pull = source.pull;
    this.#cancel = source.cancel;
    this.#size = source.size;
    stream.controller = this;
  }

  /** Pulls from now on. */
  startNow(): void {
    this.#isStarted = true;
    this.#pullIfNeeded();
  }

  /** Pulls when the result of the start algorithm, promise or not, has settled. */
  start(result: unknown): void {
    react(
      promiseResolvedWith(result),
      () => {
        this.#isStarted = true;
        this.#pullIfNeeded();
      },
      (reason) => this.error(reason),
    );
  }

  get desiredSize(): number | null {
    if (this.stream.status === 'errored') return null;
    if (this.stream.status === 'closed') return 0;
    return this.#highWaterMark - this.#queue.totalSize;
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#isCloseRequested && this.stream.status === 'readable';
  }

  get hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  close(): void {
    if (!this.canCloseOrEnqueue) return;
    this.#isCloseRequested = true;
    if (this.#queue.length === 0) {
      this.#clearAlgorithms();
      this.stream.close();
    }
  }

  /** Throws what the strategy's size function throws. */
  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue) return;
    const requests = this.stream.reader?.requests;
    if (requests !== undefined && requests.length > 0) requests.shift()?.chunk(chunk);
    else this.#store(chunk);
    this.#pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.status !== 'readable') return;
    this.#queue.clear();
    this.#clearAlgorithms();
    this.stream.error(reason);
  }

  cancel(reason: unknown): Promise<unknown> | undefined {
    this.#queue.clear();
    const cancel = this.#cancel;
    const result = cancel?.(reason);
    this.#clearAlgorithms();
    return result;
  }

  pull(request: ReadRequest): void {
    if (this.#queue.length === 0) {
      this.stream.reader?.requests?.push(request);
      this.#pullIfNeeded();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#isCloseRequested && this.#queue.length === 0) {
      this.#clearAlgorithms();
      this.stream.close();
    } else this.#pullIfNeeded();
    request.chunk(chunk);
  }

  release(): void {
    // Nothing: chunks stay queued for the next reader.
  }

  #store(chunk: unknown): void {
    try {
      // Called without `this`: the function is the worker's.
      const size = this.#size;
      this.#queue.pushSized(chunk, size === undefined ? 1 : size(chunk));
    } catch (error) {
      this.error(error);
      throw error;
    }
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.#isStarted) return false;
    return this.stream.waitingReads > 0 || this.#highWaterMark - this.#queue.totalSize > 0;
  }

  #pullIfNeeded(): void {
    if (this.#isPulling) {
      this.#pullAgain ||= this.#shouldPull();
      return;
    }
    while (this.#shouldPull()) {
      this.#isPulling = true;
      this.#pullAgain = false;
      const pull = this.#pull;
      const result = pull?.();
      if (result !== undefined) {
        react(
          result,
          () => this.#pulled(),
          (reason) => this.error(reason),
        );
        return;
      }
      this.#isPulling = false;
      // TypeScript does not see that `pull` may have come back here.
      if (!(this.#pullAgain as boolean)) return;
    }
  }

  #pulled(): void {
    this.#isPulling = false;
    if (this.#pullAgain) this.#pullIfNeeded();
  }

  #clearAlgorithms(): void {
    this.#pull = undefined;
    this.#cancel = undefined;
    this.#size = undefined;
  }
}

/** Throws the TypeError of `enqueue` and `close` on a stream that takes nothing more. */
export function requireOpen(controller: DefaultController): void {
  if (!controller.canCloseOrEnqueue) {
    throw new TypeError('The stream is closed, closing or errored');
  }
}
