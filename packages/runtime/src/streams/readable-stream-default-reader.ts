/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { Deferred, promiseReject } from '../safe-promise.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { DefaultReaderState } from './readable-state.ts';
import type { ReadRequest } from './readable-state.ts';
import { readableStateOf } from './readable-stream.ts';

export interface ReadResult {
  value: unknown;
  done: boolean;
}

/** A read request that settles the promise of `read()`. */
class PromisedRead implements ReadRequest {
  readonly deferred = new Deferred<ReadResult>();

  chunk(value: unknown): void {
    this.deferred.resolve({ value, done: false });
  }

  close(): void {
    this.deferred.resolve({ value: undefined, done: true });
  }

  error(reason: unknown): void {
    this.deferred.reject(reason);
  }
}

let isReader: (value: unknown) => boolean;

/** https://streams.spec.whatwg.org/#default-reader-class */
export class ReadableStreamDefaultReader {
  readonly #reader: DefaultReaderState;

  constructor(stream: unknown) {
    requireArguments(arguments.length, 1, 'ReadableStreamDefaultReader');
    this.#reader = new DefaultReaderState(readableStateOf(stream));
  }

  get closed(): Promise<undefined> {
    if (!isReader(this)) return promiseReject(notAReader());
    return this.#reader.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!isReader(this)) return promiseReject(notAReader());
    const { stream } = this.#reader;
    return stream === undefined ? promiseReject(released()) : stream.cancel(reason);
  }

  read(): Promise<ReadResult> {
    if (!isReader(this)) return promiseReject(notAReader());
    if (this.#reader.stream === undefined) return promiseReject(released());
    const request = new PromisedRead();
    this.#reader.read(request);
    return request.deferred.promise;
  }

  releaseLock(): void {
    this.#reader.release();
  }

  static {
    isReader = (value): boolean => isObject(value) && #reader in value;
    defineInterface(this, 'ReadableStreamDefaultReader');
  }
}

function notAReader(): TypeError {
  return new TypeError('Illegal invocation: not a ReadableStreamDefaultReader');
}

function released(): TypeError {
  return new TypeError('The reader has been released');
}
