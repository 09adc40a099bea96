/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  ArrayBufferIsView,
  ArrayBufferPrototypeByteLength,
  ArrayBufferPrototypeDetached,
  RangeError,
  ReflectGet,
  TypeError,
} from '../primordials.ts';
import { Deferred, promiseReject } from '../safe-promise.ts';
import { extentOf } from '../webidl/buffer-source.ts';
import { isObject, requireArguments, toDictionary } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toEnforcedInteger } from '../webidl/integers.ts';
import { ByobReaderState } from './byob-reader-state.ts';
import type { ReadIntoRequest } from './readable-state.ts';
import type { ReadResult } from './readable-stream-default-reader.ts';
import { readableStateOf } from './readable-stream.ts';
import { viewKindOf } from './view-kind.ts';

/** A request that settles the promise of `read(view)`. */
class PromisedReadInto implements ReadIntoRequest {
  readonly deferred = new Deferred<ReadResult>();

  chunk(value: unknown): void {
    this.deferred.resolve({ value, done: false });
  }

  close(value: unknown): void {
    this.deferred.resolve({ value, done: true });
  }

  error(reason: unknown): void {
    this.deferred.reject(reason);
  }
}

let isReader: (value: unknown) => boolean;

/** https://streams.spec.whatwg.org/#byob-reader-class */
export class ReadableStreamBYOBReader {
  readonly #reader: ByobReaderState;

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader');
    this.#reader = new ByobReaderState(readableStateOf(stream));
  }

  get closed(): Promise<undefined> {
    return isReader(this) ? this.#reader.closed.promise : promiseReject(notAReader());
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!isReader(this)) return promiseReject(notAReader());
    const { stream } = this.#reader;
    return stream === undefined ? promiseReject(released()) : stream.cancel(reason);
  }

  read(view: unknown, options: unknown = undefined): Promise<ReadResult> {
    try {
      if (!isReader(this)) throw notAReader();
      requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader.read');
      const minimum = toMinimum(view, options);
      if (this.#reader.stream === undefined) throw released();
      const request = new PromisedReadInto();
      this.#reader.read(minimum.view, minimum.elements, request);
      return request.deferred.promise;
    } catch (error) {
      return promiseReject(error);
    }
  }

  releaseLock(): void {
    this.#reader.release();
  }

  static {
    isReader = (value): boolean => isObject(value) && #reader in value;
    defineInterface(this, 'ReadableStreamBYOBReader');
  }
}

/** Checks the arguments of `read`. */
function toMinimum(view: unknown, options: unknown): { view: ArrayBufferView; elements: number } {
  if (!ArrayBufferIsView(view)) throw new TypeError('The argument is not a view on a buffer');
  const given: unknown = ReflectGet(toDictionary(options, 'read'), 'min');
  const elements = given === undefined ? 1 : toEnforcedInteger(given, 'min');
  const { buffer, byteLength } = extentOf(view);
  if (ArrayBufferPrototypeDetached(buffer)) throw new TypeError('The buffer is detached');
  if (byteLength === 0) throw new TypeError('The view is empty');
  if (ArrayBufferPrototypeByteLength(buffer) === 0) throw new TypeError('The buffer is empty');
  if (elements === 0) throw new TypeError('min is 0');
  if (elements > byteLength / viewKindOf(view).elementSize) {
    throw new RangeError('min is more than the view can take');
  }
  return { view, elements };
}

function notAReader(): TypeError {
  return new TypeError('Illegal invocation: not a ReadableStreamBYOBReader');
}

function released(): TypeError {
  return new TypeError('The reader has been released');
}
