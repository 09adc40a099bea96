/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { RangeError, ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import { promiseReject, promiseResolve } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { callForPromise, toCallback } from '../webidl/to-algorithm.ts';
import type { ReadableState } from './readable-state.ts';
import { ReadableStream } from './readable-stream.ts';
import { highWaterMarkOf, toStrategy } from './strategies.ts';
import type { Strategy } from './strategies.ts';
import { TransformState } from './transform-state.ts';
import type { Transformer } from './transform-state.ts';
import type { WritableState } from './writable-state.ts';
import { WritableStream } from './writable-stream.ts';

/** Two sides that are not made by a transformer. */
export class StreamPair {
  readonly #readable: ReadableState;
  readonly writable: WritableState;

  constructor(readable: ReadableState, writable: WritableState) {
    this.#readable = readable;
    this.writable = writable;
  }

  get readable(): ReadableState {
    return this.#readable;
  }

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is StreamPair {
    return isObject(value) && #readable in value;
  }
}

let isTransformStream: (value: unknown) => value is TransformStream;
let sidesOf: (stream: TransformStream) => { readable: ReadableStream; writable: WritableStream };

/** https://streams.spec.whatwg.org/#ts-class */
export class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  /** @param transformer The runtime's own states are wrapped, anything else is a transformer. */
  constructor(
    transformer: unknown = undefined,
    writableStrategy: unknown = undefined,
    readableStrategy: unknown = undefined,
  ) {
    const isOwn = TransformState.is(transformer) || StreamPair.is(transformer);
    const state = isOwn
      ? transformer
      : newState(transformer, toStrategy(writableStrategy), toStrategy(readableStrategy));
    this.#readable = new ReadableStream(state.readable);
    this.#writable = new WritableStream(state.writable);
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  static {
    isTransformStream = (value): value is TransformStream => isObject(value) && #readable in value;
    sidesOf = (stream) => ({ readable: stream.#readable, writable: stream.#writable });
    defineInterface(this, 'TransformStream');
  }
}

/** https://streams.spec.whatwg.org/#ts-default-controller-class */
export class TransformStreamDefaultController {
  readonly #state: TransformState;

  constructor(state: unknown = undefined) {
    if (!TransformState.is(state)) throw new TypeError('Illegal constructor');
    this.#state = state;
  }

  get desiredSize(): number | null {
    return this.#state.readableController.desiredSize;
  }

  enqueue(chunk: unknown = undefined): void {
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }

  terminate(): void {
    this.#state.terminate();
  }

  static {
    defineInterface(this, 'TransformStreamDefaultController');
  }
}

/** https://streams.spec.whatwg.org/#dictdef-transformer, converted. */
function newState(value: unknown, writable: Strategy, readable: Strategy): TransformState {
  if (value === null) throw new TypeError('The transformer is null');
  if (value !== undefined && !isObject(value)) {
    throw new TypeError('The transformer is not an object');
  }
  const members = value ?? emptyTransformer;
  const cancel = toCallback(members, 'cancel');
  const flush = toCallback(members, 'flush');
  refuseType(members, 'readableType');
  const start = toCallback(members, 'start');
  const transform = toCallback(members, 'transform');
  refuseType(members, 'writableType');
  const transformer: Transformer = {
    transform(chunk) {
      if (transform !== undefined) return callForPromise(transform, value, [chunk, controller]);
      return enqueueUnchanged(state, chunk);
    },
    flush: () => (flush === undefined ? done : callForPromise(flush, value, [controller])),
    cancel: (reason) => (cancel === undefined ? done : callForPromise(cancel, value, [reason])),
  };
  const readableHighWaterMark = highWaterMarkOf(readable, 0);
  const state: TransformState = new TransformState(transformer, {
    writableHighWaterMark: highWaterMarkOf(writable, 1),
    writableSize: writable.size,
    readableHighWaterMark,
    readableSize: readable.size,
  });
  const controller = new TransformStreamDefaultController(state);
  state.start(start === undefined ? undefined : ReflectApply(start, value, [controller]));
  return state;
}

/** What a transformer without `transform` does. */
function enqueueUnchanged(state: TransformState, chunk: unknown): Promise<undefined> {
  try {
    state.enqueue(chunk);
    return done;
  } catch (error) {
    return promiseReject(error);
  }
}

function refuseType(members: object, name: string): void {
  if (ReflectGet(members, name) !== undefined) throw new RangeError(`Invalid ${name}`);
}

const done: Promise<undefined> = promiseResolve(undefined);
const emptyTransformer: object = { __proto__: null };

export { isTransformStream, sidesOf };
