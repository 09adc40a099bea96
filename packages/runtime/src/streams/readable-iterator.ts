import {
  AsyncIteratorPrototype,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  ReflectDeleteProperty,
  SymbolToStringTag,
  TypeError,
} from '../primordials.ts';
import { Deferred, promiseReject, promiseResolve, transform } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { DefaultReaderState } from './readable-state.ts';
import type { ReadableState } from './readable-state.ts';

interface IterationResult {
  value: unknown;
  done: boolean;
}

let isIterator: (value: unknown) => boolean;

/** https://streams.spec.whatwg.org/#rs-asynciterator: steps run one after the other. */
class ReadableStreamAsyncIterator {
  readonly #reader: DefaultReaderState;
  readonly #preventCancel: boolean;
  #ongoing: Promise<IterationResult> | undefined = undefined;
  #isFinished = false;

  constructor(stream: ReadableState, preventCancel: boolean) {
    this.#reader = new DefaultReaderState(stream);
    this.#preventCancel = preventCancel;
  }

  next(): Promise<IterationResult> {
    if (!isIterator(this)) return promiseReject(notAnIterator());
    return this.#enqueue(() => this.#next());
  }

  return(value: unknown): Promise<IterationResult> {
    if (!isIterator(this)) return promiseReject(notAnIterator());
    // Later than the promise of `next` settles, as in the standard: the source pulls meanwhile.
    if (this.#ongoing !== undefined) this.#ongoing = transform(this.#ongoing, keep, rethrow);
    return this.#enqueue(() => this.#return(value));
  }

  #enqueue(steps: () => Promise<IterationResult>): Promise<IterationResult> {
    this.#ongoing = this.#ongoing === undefined ? steps() : transform(this.#ongoing, steps, steps);
    return this.#ongoing;
  }

  #next(): Promise<IterationResult> {
    if (this.#isFinished) return promiseResolve({ value: undefined, done: true });
    const deferred = new Deferred<IterationResult>();
    this.#reader.read({
      chunk: (value) => deferred.resolve({ value, done: false }),
      close: () => {
        this.#finish();
        deferred.resolve({ value: undefined, done: true });
      },
      error: (reason) => {
        this.#finish();
        deferred.reject(reason);
      },
    });
    return deferred.promise;
  }

  #return(value: unknown): Promise<IterationResult> {
    const { stream } = this.#reader;
    if (this.#isFinished || stream === undefined) return promiseResolve({ value, done: true });
    const cancelled = this.#preventCancel ? promiseResolve(undefined) : stream.cancel(value);
    this.#finish();
    return transform(cancelled, () => ({ value, done: true }), rethrow);
  }

  #finish(): void {
    this.#isFinished = true;
    this.#reader.release();
  }

  static {
    isIterator = (value): boolean => isObject(value) && #reader in value;
  }
}

const { prototype } = ReadableStreamAsyncIterator;
ReflectDeleteProperty(prototype, 'constructor');
ObjectSetPrototypeOf(prototype, AsyncIteratorPrototype);
ObjectDefineProperty(prototype, 'next', { __proto__: null, enumerable: true } as object);
ObjectDefineProperty(prototype, 'return', { __proto__: null, enumerable: true } as object);
ObjectDefineProperty(prototype, SymbolToStringTag, {
  __proto__: null,
  value: 'ReadableStream AsyncIterator',
  configurable: true,
} as object);

/** Throws a TypeError when the stream is locked. */
export function iterateReadable(stream: ReadableState, preventCancel: boolean): object {
  return new ReadableStreamAsyncIterator(stream, preventCancel);
}

function keep<T>(value: T): T {
  return value;
}

function rethrow(reason: unknown): never {
  throw reason;
}

function notAnIterator(): TypeError {
  return new TypeError('Illegal invocation: not a ReadableStream iterator');
}
