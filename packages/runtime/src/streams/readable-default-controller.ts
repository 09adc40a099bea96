import { TypeError } from '../primordials.ts';
import { PullLoop } from './pull-loop.ts';
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
  readonly #loop: PullLoop;
  #cancel: DefaultSource['cancel'];
  #size: DefaultSource['size'];
  #isCloseRequested = false;

  constructor(stream: ReadableState, source: DefaultSource) {
    this.stream = stream;
    this.#highWaterMark = source.highWaterMark;
    this.#cancel = source.cancel;
    this.#size = source.size;
    this.#loop = new PullLoop({
      pull: source.pull,
      shouldPull: () => this.#shouldPull(),
      onError: (reason) => this.error(reason),
    });
    stream.controller = this;
  }

  /** Pulls when the result of the start algorithm, promise or not, has settled. */
  start(result: unknown): void {
    this.#loop.start(result);
  }

  startNow(): void {
    this.#loop.startNow();
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
    return !this.#loop.isStarted || !this.#shouldPull();
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
    this.#loop.pullIfNeeded();
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
      this.#loop.pullIfNeeded();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#isCloseRequested && this.#queue.length === 0) {
      this.#clearAlgorithms();
      this.stream.close();
    } else this.#loop.pullIfNeeded();
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
    if (!this.canCloseOrEnqueue) return false;
    return this.stream.waitingReads > 0 || this.#highWaterMark - this.#queue.totalSize > 0;
  }

  #clearAlgorithms(): void {
    this.#loop.stop();
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
