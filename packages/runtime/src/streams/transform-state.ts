import { TypeError } from '../primordials.ts';
import { Deferred, promiseResolve, react, transform } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { DefaultController } from './readable-default-controller.ts';
import { ReadableState } from './readable-state.ts';
import { DefaultWritableController } from './writable-default-controller.ts';
import { WritableState } from './writable-state.ts';

/** What a transform stream does with its chunks; a user's exceptions are rejections here. */
export interface Transformer {
  readonly transform: (chunk: unknown) => Promise<unknown>;
  readonly flush: () => Promise<unknown>;
  readonly cancel: (reason: unknown) => Promise<unknown>;
}

export interface TransformSizes {
  readonly writableHighWaterMark: number;
  readonly writableSize: ((chunk: unknown) => number) | undefined;
  readonly readableHighWaterMark: number;
  readonly readableSize: ((chunk: unknown) => number) | undefined;
}

/** https://streams.spec.whatwg.org/#ts-class-internal-slots and the operations on them. */
export class TransformState {
  readonly readable = new ReadableState();
  readonly writable = new WritableState();
  readonly readableController: DefaultController;
  readonly #writableController: DefaultWritableController;
  #transformer: Transformer | undefined;
  #hasBackpressure = true;
  #backpressureChange = new Deferred<undefined>();
  /** The promise of the first of close, abort and cancel; the later ones share it. */
  #finish: Promise<undefined> | undefined = undefined;
  readonly #started = new Deferred<unknown>();

  constructor(transformer: Transformer, sizes: TransformSizes) {
    this.#transformer = transformer;
    this.#writableController = new DefaultWritableController(this.writable, {
      highWaterMark: sizes.writableHighWaterMark,
      size: sizes.writableSize,
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
      signalAbort: ignore,
    });
    this.readableController = new DefaultController(this.readable, {
      highWaterMark: sizes.readableHighWaterMark,
      size: sizes.readableSize,
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    });
    this.#writableController.start(this.#started.promise);
    this.readableController.start(this.#started.promise);
  }

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is TransformState {
    return isObject(value) && #started in value;
  }

  start(result: unknown): void {
    this.#started.resolve(result);
  }

  /** https://streams.spec.whatwg.org/#transform-stream-default-controller-enqueue */
  enqueue(chunk: unknown): void {
    if (!this.readableController.canCloseOrEnqueue) {
      throw new TypeError('The readable side is closed, closing or errored');
    }
    try {
      this.readableController.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.storedError;
    }
    const hasBackpressure = this.readableController.hasBackpressure;
    if (hasBackpressure !== this.#hasBackpressure) this.#setBackpressure(true);
  }

  /** Settles when the reader wants more, or when there is no use in more any longer. */
  untilWanted(): Promise<undefined> {
    return this.#hasBackpressure ? this.#backpressureChange.promise : done;
  }

  error(reason: unknown): void {
    this.readableController.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.readableController.close();
    this.#errorWritable(new TypeError('The transform stream has been terminated'));
  }

  #errorWritable(reason: unknown): void {
    this.#transformer = undefined;
    this.#writableController.error(reason);
    this.#unblockWrite();
  }

  #setBackpressure(hasBackpressure: boolean): void {
    this.#backpressureChange.resolve(undefined);
    this.#backpressureChange = new Deferred();
    this.#hasBackpressure = hasBackpressure;
  }

  #write(chunk: unknown): Promise<unknown> {
    if (!this.#hasBackpressure) return this.#transform(chunk);
    return transform(
      this.#backpressureChange.promise,
      () => {
        if (this.writable.status === 'erroring') throw this.writable.storedError;
        return this.#transform(chunk);
      },
      rethrow,
    );
  }

  #transform(chunk: unknown): Promise<unknown> {
    const transformer = this.#transformer;
    return transform(transformer?.transform(chunk), ignore, (reason) => {
      this.error(reason);
      throw reason;
    });
  }

  #pull(): Promise<undefined> {
    this.#setBackpressure(false);
    return this.#backpressureChange.promise;
  }

  #close(): Promise<undefined> {
    return this.#finishWith(
      (transformer) => transformer.flush(),
      () => {
        if (this.readable.status === 'errored') return { reason: this.readable.storedError };
        this.readableController.close();
        return undefined;
      },
      (reason) => {
        this.readableController.error(reason);
        return { reason: this.readable.storedError };
      },
    );
  }

  #abort(reason: unknown): Promise<undefined> {
    return this.#finishWith(
      (transformer) => transformer.cancel(reason),
      () => {
        if (this.readable.status === 'errored') return { reason: this.readable.storedError };
        this.readableController.error(reason);
        return undefined;
      },
      (error) => {
        this.readableController.error(error);
        return { reason: error };
      },
    );
  }

  #cancel(reason: unknown): Promise<undefined> {
    return this.#finishWith(
      (transformer) => transformer.cancel(reason),
      () => {
        if (this.writable.status === 'errored') return { reason: this.writable.storedError };
        this.#writableController.error(reason);
        this.#unblockWrite();
        return undefined;
      },
      (error) => {
        this.#writableController.error(error);
        this.#unblockWrite();
        return { reason: error };
      },
    );
  }

  #unblockWrite(): void {
    if (this.#hasBackpressure) this.#setBackpressure(false);
  }

  /** Runs the transformer's last algorithm, once. */
  #finishWith(
    call: (transformer: Transformer) => Promise<unknown>,
    onFulfilled: () => Failure,
    onRejected: (reason: unknown) => Failure,
  ): Promise<undefined> {
    if (this.#finish !== undefined) return this.#finish;
    const finish = new Deferred<undefined>();
    this.#finish = finish.promise;
    const transformer = this.#transformer;
    const called = transformer === undefined ? done : call(transformer);
    this.#transformer = undefined;
    const settle = (failure: Failure): void => {
      if (failure === undefined) finish.resolve(undefined);
      else finish.reject(failure.reason);
    };
    react(
      called,
      () => settle(onFulfilled()),
      (reason) => settle(onRejected(reason)),
    );
    return finish.promise;
  }
}

/** The error that ends the stream, if one does; any value may be thrown, `undefined` too. */
type Failure = { readonly reason: unknown } | undefined;

const done: Promise<undefined> = promiseResolve(undefined);

function ignore(): undefined {
  return undefined;
}

function rethrow(reason: unknown): never {
  throw reason;
}
