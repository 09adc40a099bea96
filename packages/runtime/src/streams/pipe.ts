import { abortStateOf } from '../events/abort-state.ts';
import type { AbortState } from '../events/abort-state.ts';
import { ReflectGet, TypeError } from '../primordials.ts';
import {
  Deferred,
  enqueueMicrotask,
  markHandled,
  promiseReject,
  promiseResolve,
  react,
} from '../safe-promise.ts';
import { isObject, toBoolean, toDictionary } from '../webidl/convert.ts';
import { DefaultReaderState } from './readable-state.ts';
import type { ReadableState, ReadRequest } from './readable-state.ts';
import { WriterState } from './writable-state.ts';
import type { WritableState } from './writable-state.ts';

/** https://streams.spec.whatwg.org/#dictdef-streampipeoptions, converted. */
export interface PipeOptions {
  readonly preventAbort: boolean;
  readonly preventCancel: boolean;
  readonly preventClose: boolean;
  readonly signal: AbortState | undefined;
}

export function toPipeOptions(value: unknown): PipeOptions {
  const options = toDictionary(value, 'pipe');
  const preventAbort = toBoolean(ReflectGet(options, 'preventAbort'));
  const preventCancel = toBoolean(ReflectGet(options, 'preventCancel'));
  const preventClose = toBoolean(ReflectGet(options, 'preventClose'));
  const signal: unknown = ReflectGet(options, 'signal');
  const state = isObject(signal) ? abortStateOf(signal) : undefined;
  if (signal !== undefined && state === undefined) {
    throw new TypeError('signal is not an AbortSignal');
  }
  return { preventAbort, preventCancel, preventClose, signal: state };
}

/** https://streams.spec.whatwg.org/#readable-stream-pipe-to; neither stream may be locked. */
export function pipe(
  source: ReadableState,
  destination: WritableState,
  options: PipeOptions,
): Promise<undefined> {
  return new Pipe(source, destination, options).start();
}

/** The error that ends a pipe, if one does; any value may be thrown, `undefined` too. */
type Failure = { readonly reason: unknown } | undefined;

class Pipe implements ReadRequest {
  readonly #source: ReadableState;
  readonly #destination: WritableState;
  readonly #options: PipeOptions;
  readonly #reader: DefaultReaderState;
  readonly #writer: WriterState;
  readonly #finished = new Deferred<undefined>();
  #currentWrite: Promise<undefined> = resolved;
  #isShuttingDown = false;
  #stopListening: (() => void) | undefined = undefined;

  constructor(source: ReadableState, destination: WritableState, options: PipeOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = new DefaultReaderState(source);
    this.#writer = new WriterState(destination);
    source.isDisturbed = true;
  }

  start(): Promise<undefined> {
    const { signal } = this.#options;
    if (signal !== undefined) {
      if (signal.isAborted) {
        this.#abort(signal);
        return this.#finished.promise;
      }
      this.#stopListening = signal.addAlgorithm(() => this.#abort(signal));
    }
    this.#watchEnds();
    this.#step();
    return this.#finished.promise;
  }

  chunk(chunk: unknown): void {
    // Code that enqueues must not find itself calling the sink.
    enqueueMicrotask(() => {
      this.#currentWrite = this.#writer.write(chunk);
      markHandled(this.#currentWrite);
      this.#step();
    });
  }

  close(): void {
    // The `closed` promise of the reader tells.
  }

  error(): void {
    // The `closed` promise of the reader tells.
  }

  #step(): void {
    react(
      this.#writer.ready.promise,
      () => {
        if (!this.#isShuttingDown) this.#reader.read(this);
      },
      ignore,
    );
  }

  #watchEnds(): void {
    const { preventAbort, preventCancel, preventClose } = this.#options;
    const source = this.#source;
    const destination = this.#destination;
    const sourceFailed = (reason: unknown): void =>
      this.#shutDown(preventAbort ? undefined : () => destination.abort(reason), { reason });
    const destinationFailed = (reason: unknown): void =>
      this.#shutDown(preventCancel ? undefined : () => source.cancel(reason), { reason });
    const sourceClosed = (): void =>
      this.#shutDown(preventClose ? undefined : () => this.#closeDestination(), undefined);

    if (source.status === 'errored') sourceFailed(source.storedError);
    else react(this.#reader.closed.promise, ignore, sourceFailed);
    if (destination.status === 'errored') destinationFailed(destination.storedError);
    else react(this.#writer.closed.promise, ignore, destinationFailed);
    if (source.status === 'closed') sourceClosed();
    else react(this.#reader.closed.promise, sourceClosed, ignore);
    if (destination.isClosing || destination.status === 'closed') {
      destinationFailed(new TypeError('The destination is closed'));
    }
  }

  #abort(signal: AbortState): void {
    const reason = signal.reason;
    const { preventAbort, preventCancel } = this.#options;
    this.#shutDown(
      () => {
        const aborted =
          preventAbort || this.#destination.status !== 'writable'
            ? resolved
            : this.#destination.abort(reason);
        const cancelled =
          preventCancel || this.#source.status !== 'readable'
            ? resolved
            : this.#source.cancel(reason);
        return both(aborted, cancelled);
      },
      { reason },
    );
  }

  /** https://streams.spec.whatwg.org/#writable-stream-default-writer-close-with-error-propagation */
  #closeDestination(): Promise<undefined> {
    const destination = this.#destination;
    if (destination.isClosing || destination.status === 'closed') return resolved;
    if (destination.status === 'errored') return promiseReject(destination.storedError);
    return destination.close();
  }

  #shutDown(action: (() => Promise<undefined>) | undefined, failure: Failure): void {
    if (this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    const act = (): void => {
      if (action === undefined) this.#finish(failure);
      else
        react(
          action(),
          () => this.#finish(failure),
          (reason) => this.#finish({ reason }),
        );
    };
    if (this.#destination.status === 'writable' && !this.#destination.isClosing) {
      this.#whenWritten(act);
    } else act();
  }

  #whenWritten(act: () => void): void {
    const last = this.#currentWrite;
    const check = (): void => {
      if (last === this.#currentWrite) act();
      else this.#whenWritten(act);
    };
    react(last, check, check);
  }

  #finish(failure: Failure): void {
    this.#writer.release();
    this.#reader.release();
    const stopListening = this.#stopListening;
    stopListening?.();
    if (failure === undefined) this.#finished.resolve(undefined);
    else this.#finished.reject(failure.reason);
  }
}

const resolved: Promise<undefined> = promiseResolve(undefined);

/** Waits for both even if one rejects at once; rejects with the first rejection. */
function both(first: Promise<undefined>, second: Promise<undefined>): Promise<undefined> {
  const deferred = new Deferred<undefined>();
  let left = 2;
  const settled = (): void => {
    left -= 1;
    if (left === 0) deferred.resolve(undefined);
  };
  const failed = (reason: unknown): void => deferred.reject(reason);
  react(first, settled, failed);
  react(second, settled, failed);
  return deferred.promise;
}

function ignore(): void {
  // The other reaction does the work.
}
