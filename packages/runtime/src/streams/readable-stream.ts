/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  ObjectDefineProperty,
  ReflectGet,
  SymbolAsyncIterator,
  TypeError,
} from '../primordials.ts';
import { markHandled, promiseReject } from '../safe-promise.ts';
import {
  isObject,
  requireArguments,
  toBoolean,
  toDictionary,
  toDomString,
} from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { readableFrom } from './from.ts';
import { pipe, toPipeOptions } from './pipe.ts';
import { iterateReadable } from './readable-iterator.ts';
import { setUpFromSource } from './readable-source.ts';
import { ReadableState } from './readable-state.ts';
import { ReadableStreamBYOBReader } from './readable-stream-byob-reader.ts';
import { ReadableStreamDefaultReader } from './readable-stream-default-reader.ts';
import { toStrategy } from './strategies.ts';
import { teeReadable } from './tee.ts';
import { isWritableStream, writableStateOf } from './writable-stream.ts';

let stateOf: (stream: ReadableStream) => ReadableState;
let isReadableStream: (value: unknown) => value is ReadableStream;

/** https://streams.spec.whatwg.org/#rs-class */
export class ReadableStream {
  readonly #state: ReadableState;

  /** @param source The runtime's own states are wrapped, anything else is an underlying source. */
  constructor(source: unknown = undefined, strategy: unknown = undefined) {
    if (ReadableState.is(source)) {
      this.#state = source;
      return;
    }
    if (source === null) throw new TypeError('The underlying source is null');
    const converted = toStrategy(strategy);
    this.#state = new ReadableState();
    setUpFromSource(this.#state, source, converted);
  }

  static from(iterable: unknown): ReadableStream {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    return new ReadableStream(readableFrom(iterable));
  }

  get locked(): boolean {
    return this.#state.isLocked;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!isReadableStream(this)) return promiseReject(notAStream());
    if (this.#state.isLocked) return promiseReject(locked());
    return this.#state.cancel(reason);
  }

  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    void this.#state;
    const mode: unknown = ReflectGet(toDictionary(options, 'getReader'), 'mode');
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (toDomString(mode) !== 'byob') throw new TypeError('The mode is not "byob"');
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
    const state = this.#state;
    if (!isObject(transform)) throw new TypeError('pipeThrough needs a transform');
    const readable: unknown = ReflectGet(transform, 'readable');
    if (!isReadableStream(readable)) throw new TypeError('readable is not a ReadableStream');
    const writable: unknown = ReflectGet(transform, 'writable');
    if (!isWritableStream(writable)) throw new TypeError('writable is not a WritableStream');
    const converted = toPipeOptions(options);
    const destination = writableStateOf(writable);
    if (state.isLocked || destination.isLocked) throw locked();
    markHandled(pipe(state, destination, converted));
    return readable;
  }

  pipeTo(destination: unknown, options: unknown = undefined): Promise<undefined> {
    try {
      const state = this.#state;
      requireArguments(arguments.length, 1, 'ReadableStream.pipeTo');
      if (!isWritableStream(destination)) throw new TypeError('Not a WritableStream');
      const converted = toPipeOptions(options);
      if (state.isLocked || writableStateOf(destination).isLocked) throw locked();
      return pipe(state, writableStateOf(destination), converted);
    } catch (error) {
      return promiseReject(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    const { first, second } = teeReadable(this.#state, undefined);
    return [new ReadableStream(first), new ReadableStream(second)];
  }

  values(options: unknown = undefined): object {
    const state = this.#state;
    const preventCancel = ReflectGet(toDictionary(options, 'values'), 'preventCancel');
    return iterateReadable(state, toBoolean(preventCancel));
  }

  static {
    stateOf = (stream): ReadableState => stream.#state;
    isReadableStream = (value): value is ReadableStream => isObject(value) && #state in value;
    defineInterface(this, 'ReadableStream');
    ObjectDefineProperty(this.prototype, SymbolAsyncIterator, {
      __proto__: null,
      value: ReflectGet(this.prototype, 'values'),
      writable: true,
      configurable: true,
    } as object);
  }
}

/** The state of a stream that worker code passed; a TypeError when it is none. */
export function readableStateOf(value: unknown): ReadableState {
  if (!isReadableStream(value)) throw new TypeError('Not a ReadableStream');
  return stateOf(value);
}

function notAStream(): TypeError {
  return new TypeError('Illegal invocation: not a ReadableStream');
}

function locked(): TypeError {
  return new TypeError('The stream is locked');
}

export { isReadableStream };
