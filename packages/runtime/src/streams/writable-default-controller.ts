import { promiseResolve, promiseResolvedWith, react } from '../safe-promise.ts';
import { Queue } from './queue.ts';
import type { WritableController, WritableState } from './writable-state.ts';

/** What the sink of a stream does. */
export interface Sink {
  readonly write: (chunk: unknown) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
  readonly abort: (reason: unknown) => Promise<unknown>;
  readonly highWaterMark: number;
  /** Undefined counts every chunk as 1. */
  readonly size: ((chunk: unknown) => number) | undefined;
  /** Called when the stream is aborted, before anything else. */
  readonly signalAbort: (reason: unknown) => void;
}

/** Stands in the queue for the end of the stream. */
const closeMarker = {};
const done: Promise<undefined> = promiseResolve(undefined);

/** https://streams.spec.whatwg.org/#ws-default-controller-class */
export class DefaultWritableController implements WritableController {
  isStarted = false;
  readonly stream: WritableState;
  readonly #queue = new Queue<unknown>();
  readonly #highWaterMark: number;
  readonly #signalAbort: Sink['signalAbort'];
  #write: Sink['write'] | undefined;
  #close: Sink['close'] | undefined;
  #abort: Sink['abort'] | undefined;
  #size: Sink['size'];

  constructor(stream: WritableState, sink: Sink) {
    this.stream = stream;
    this.#highWaterMark = sink.highWaterMark;
    this.#signalAbort = sink.signalAbort;
    this.#write = sink.write;
    this.#close = sink.close;
    this.#abort = sink.abort;
    this.#size = sink.size;
    stream.controller = this;
    stream.updateBackpressure(this.#hasBackpressure());
  }

  /** Writes when the result of the start algorithm, promise or not, has settled. */
  start(result: unknown): void {
    react(
      promiseResolvedWith(result),
      () => {
        this.isStarted = true;
        this.#advance();
      },
      (reason) => {
        this.isStarted = true;
        this.stream.dealWithRejection(reason);
      },
    );
  }

  get desiredSize(): number {
    return this.#highWaterMark - this.#queue.totalSize;
  }

  error(reason: unknown): void {
    if (this.stream.status !== 'writable') return;
    this.#clearAlgorithms();
    this.stream.startErroring(reason);
  }

  abort(reason: unknown): Promise<unknown> {
    const abort = this.#abort;
    const result = abort?.(reason);
    this.#clearAlgorithms();
    return result ?? done;
  }

  clear(): void {
    this.#queue.clear();
  }

  signalAbort(reason: unknown): void {
    const signalAbort = this.#signalAbort;
    signalAbort(reason);
  }

  close(): void {
    this.#queue.pushSized(closeMarker, 0);
    this.#advance();
  }

  sizeOf(chunk: unknown): number {
    // Called without `this`: the function is the worker's.
    const size = this.#size;
    if (size === undefined) return 1;
    try {
      return size(chunk);
    } catch (error) {
      this.error(error);
      return 1;
    }
  }

  write(chunk: unknown, size: number): void {
    try {
      this.#queue.pushSized(chunk, size);
    } catch (error) {
      this.error(error);
      return;
    }
    if (!this.stream.isClosing && this.stream.status === 'writable') {
      this.stream.updateBackpressure(this.#hasBackpressure());
    }
    this.#advance();
  }

  #hasBackpressure(): boolean {
    return this.desiredSize <= 0;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-default-controller-advance-queue-if-needed */
  #advance(): void {
    if (!this.isStarted || this.stream.isWriting) return;
    if (this.stream.status === 'erroring') {
      this.stream.finishErroring();
      return;
    }
    if (this.#queue.length === 0) return;
    const chunk = this.#queue.peek();
    if (chunk === closeMarker) this.#processClose();
    else this.#processWrite(chunk);
  }

  #processClose(): void {
    this.stream.startClose();
    this.#queue.shift();
    const close = this.#close;
    const result = close?.() ?? done;
    this.#clearAlgorithms();
    react(
      result,
      () => this.stream.finishClose(),
      (reason) => this.stream.failClose(reason),
    );
  }

  #processWrite(chunk: unknown): void {
    this.stream.startWrite();
    const write = this.#write;
    react(
      write?.(chunk) ?? done,
      () => {
        this.stream.finishWrite();
        this.#queue.shift();
        if (!this.stream.isClosing && this.stream.status === 'writable') {
          this.stream.updateBackpressure(this.#hasBackpressure());
        }
        this.#advance();
      },
      (reason) => {
        if (this.stream.status === 'writable') this.#clearAlgorithms();
        this.stream.failWrite(reason);
      },
    );
  }

  #clearAlgorithms(): void {
    this.#write = undefined;
    this.#close = undefined;
    this.#abort = undefined;
    this.#size = undefined;
  }
}
