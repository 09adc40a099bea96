import { TypeError } from '../primordials.ts';
import { Deferred, LazyPromise, promiseReject, promiseResolve, react } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { Queue } from './queue.ts';

/** What a stream asks of its controller. */
export interface WritableController {
  readonly isStarted: boolean;
  readonly desiredSize: number;
  abort(reason: unknown): Promise<unknown>;
  /** https://streams.spec.whatwg.org/#abstract-opdef-writablestreamdefaultcontroller-error-steps */
  clear(): void;
  /** Fires `controller.signal`; may run user code. */
  signalAbort(reason: unknown): void;
  close(): void;
  /** Throws nothing: a size function that throws errors the stream. */
  sizeOf(chunk: unknown): number;
  write(chunk: unknown, size: number): void;
}

interface PendingAbort {
  readonly deferred: Deferred<undefined>;
  readonly reason: unknown;
  readonly wasAlreadyErroring: boolean;
}

/** https://streams.spec.whatwg.org/#ws-class-internal-slots and the operations on them. */
export class WritableState {
  status: 'writable' | 'erroring' | 'errored' | 'closed' = 'writable';
  storedError: unknown = undefined;
  writer: WriterState | undefined = undefined;
  controller: WritableController = unattached;
  hasBackpressure = false;
  readonly #writes = new Queue<Deferred<undefined>>();
  #writeInFlight: Deferred<undefined> | undefined = undefined;
  #closeRequest: Deferred<undefined> | undefined = undefined;
  #closeInFlight: Deferred<undefined> | undefined = undefined;
  #pendingAbort: PendingAbort | undefined = undefined;

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is WritableState {
    return isObject(value) && #writes in value;
  }

  get isLocked(): boolean {
    return this.writer !== undefined;
  }

  get isClosing(): boolean {
    return this.#closeRequest !== undefined || this.#closeInFlight !== undefined;
  }

  get isWriting(): boolean {
    return this.#writeInFlight !== undefined;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-abort */
  abort(reason: unknown): Promise<undefined> {
    if (this.#isOver()) return promiseResolve(undefined);
    this.controller.signalAbort(reason);
    if (this.#isOver()) return promiseResolve(undefined);
    if (this.#pendingAbort !== undefined) return this.#pendingAbort.deferred.promise;
    const wasAlreadyErroring = this.status === 'erroring';
    const deferred = new Deferred<undefined>();
    this.#pendingAbort = {
      deferred,
      reason: wasAlreadyErroring ? undefined : reason,
      wasAlreadyErroring,
    };
    if (!wasAlreadyErroring) this.startErroring(reason);
    return deferred.promise;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-close */
  close(): Promise<undefined> {
    if (this.#isOver()) return promiseReject(new TypeError('The stream is closed or errored'));
    if (this.isClosing) return promiseReject(new TypeError('The stream is already closing'));
    const deferred = new Deferred<undefined>();
    this.#closeRequest = deferred;
    if (this.writer !== undefined && this.hasBackpressure && this.status === 'writable') {
      this.writer.ready.resolve();
    }
    this.controller.close();
    return deferred.promise;
  }

  addWrite(): Promise<undefined> {
    const deferred = new Deferred<undefined>();
    this.#writes.push(deferred);
    return deferred.promise;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-deal-with-rejection */
  dealWithRejection(reason: unknown): void {
    if (this.status === 'writable') this.startErroring(reason);
    else this.finishErroring();
  }

  /** https://streams.spec.whatwg.org/#writable-stream-start-erroring */
  startErroring(reason: unknown): void {
    this.status = 'erroring';
    this.storedError = reason;
    this.writer?.ensureReadyRejected(reason);
    if (!this.isWriting && this.#closeInFlight === undefined && this.controller.isStarted) {
      this.finishErroring();
    }
  }

  /** https://streams.spec.whatwg.org/#writable-stream-finish-erroring */
  finishErroring(): void {
    this.status = 'errored';
    this.controller.clear();
    for (let left = this.#writes.length; left > 0; left -= 1) {
      this.#writes.shift()?.reject(this.storedError);
    }
    const pending = this.#pendingAbort;
    this.#pendingAbort = undefined;
    if (pending === undefined) this.#rejectClose();
    else if (pending.wasAlreadyErroring) {
      pending.deferred.reject(this.storedError);
      this.#rejectClose();
    } else
      react(
        this.controller.abort(pending.reason),
        () => {
          pending.deferred.resolve(undefined);
          this.#rejectClose();
        },
        (error) => {
          pending.deferred.reject(error);
          this.#rejectClose();
        },
      );
  }

  startWrite(): void {
    this.#writeInFlight = this.#writes.shift();
  }

  finishWrite(): void {
    this.#writeInFlight?.resolve(undefined);
    this.#writeInFlight = undefined;
  }

  failWrite(reason: unknown): void {
    this.#writeInFlight?.reject(reason);
    this.#writeInFlight = undefined;
    this.dealWithRejection(reason);
  }

  startClose(): void {
    this.#closeInFlight = this.#closeRequest;
    this.#closeRequest = undefined;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-close */
  finishClose(): void {
    this.#closeInFlight?.resolve(undefined);
    this.#closeInFlight = undefined;
    if (this.status === 'erroring') {
      this.storedError = undefined;
      this.#pendingAbort?.deferred.resolve(undefined);
      this.#pendingAbort = undefined;
    }
    this.status = 'closed';
    this.writer?.closed.resolve();
  }

  failClose(reason: unknown): void {
    this.#closeInFlight?.reject(reason);
    this.#closeInFlight = undefined;
    this.#pendingAbort?.deferred.reject(reason);
    this.#pendingAbort = undefined;
    this.dealWithRejection(reason);
  }

  /** https://streams.spec.whatwg.org/#writable-stream-update-backpressure */
  updateBackpressure(hasBackpressure: boolean): void {
    const { writer } = this;
    if (writer !== undefined && hasBackpressure !== this.hasBackpressure) {
      if (hasBackpressure) writer.ready = new LazyPromise();
      else writer.ready.resolve();
    }
    this.hasBackpressure = hasBackpressure;
  }

  #isOver(): boolean {
    return this.status === 'closed' || this.status === 'errored';
  }

  #rejectClose(): void {
    this.#closeRequest?.reject(this.storedError);
    this.#closeRequest = undefined;
    this.writer?.closed.reject(this.storedError);
  }
}

/** https://streams.spec.whatwg.org/#default-writer-class-slots */
export class WriterState {
  stream: WritableState | undefined;
  closed = new LazyPromise();
  ready = new LazyPromise();

  /** Throws a TypeError when the stream is locked. */
  constructor(stream: WritableState) {
    if (stream.isLocked) throw new TypeError('The stream is locked to a writer');
    this.stream = stream;
    stream.writer = this;
    const { status, storedError } = stream;
    if (status === 'errored' || status === 'erroring') this.ready.reject(storedError);
    else if (status === 'closed' || stream.isClosing || !stream.hasBackpressure) {
      this.ready.resolve();
    }
    if (status === 'closed') this.closed.resolve();
    else if (status === 'errored') this.closed.reject(storedError);
  }

  /** https://streams.spec.whatwg.org/#writable-stream-default-writer-write */
  write(chunk: unknown): Promise<undefined> {
    const { stream } = this;
    if (stream === undefined) return promiseReject(new TypeError('The writer has been released'));
    const size = stream.controller.sizeOf(chunk);
    // The size function is the worker's: it may have released this writer or errored the stream.
    if (this.stream !== stream) {
      return promiseReject(new TypeError('The writer has been released'));
    }
    if (stream.status === 'errored') return promiseReject(stream.storedError);
    if (stream.isClosing || stream.status === 'closed') {
      return promiseReject(new TypeError('The stream is closing or closed'));
    }
    if (stream.status === 'erroring') return promiseReject(stream.storedError);
    const written = stream.addWrite();
    stream.controller.write(chunk, size);
    return written;
  }

  /** https://streams.spec.whatwg.org/#writable-stream-default-writer-release */
  release(): void {
    const { stream } = this;
    if (stream === undefined) return;
    const reason = new TypeError('The writer has been released');
    this.ensureReadyRejected(reason);
    if (!this.closed.isPending) this.closed = new LazyPromise();
    this.closed.reject(reason);
    stream.writer = undefined;
    this.stream = undefined;
  }

  ensureReadyRejected(reason: unknown): void {
    if (!this.ready.isPending) this.ready = new LazyPromise();
    this.ready.reject(reason);
  }
}

/** https://streams.spec.whatwg.org/#writable-stream-default-writer-get-desired-size */
export function desiredSizeOf(stream: WritableState): number | null {
  if (stream.status === 'errored' || stream.status === 'erroring') return null;
  return stream.status === 'closed' ? 0 : stream.controller.desiredSize;
}

const unattached: WritableController = {
  isStarted: false,
  desiredSize: 0,
  abort: () => promiseResolve(undefined),
  clear: nothing,
  signalAbort: nothing,
  close: nothing,
  sizeOf: () => 1,
  write: nothing,
};

function nothing(): void {
  // Before the controller is attached there is nothing to do.
}
