import { RangeError, ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import { isObject, toDomString } from '../webidl/convert.ts';
import { toEnforcedInteger } from '../webidl/integers.ts';
import { callForPromise, toCallback } from '../webidl/to-algorithm.ts';
import { ByteController } from './byte-controller.ts';
import type { ByteSource } from './byte-controller.ts';
import { ReadableByteStreamController } from './readable-byte-stream-controller.ts';
import { DefaultController } from './readable-default-controller.ts';
import type { DefaultSource } from './readable-default-controller.ts';
import type { ReadableState } from './readable-state.ts';
import { ReadableStreamDefaultController } from './readable-stream-default-controller.ts';
import { highWaterMarkOf } from './strategies.ts';
import type { Strategy } from './strategies.ts';

type Callback = ReturnType<typeof toCallback>;

/** https://streams.spec.whatwg.org/#dictdef-underlyingsource, converted. */
interface UnderlyingSource {
  readonly autoAllocateChunkSize: number | undefined;
  readonly cancel: Callback;
  readonly pull: Callback;
  readonly start: Callback;
  readonly type: 'bytes' | undefined;
}

/** Sets up a stream with a source given by worker code; what `start` throws is thrown. */
export function setUpFromSource(stream: ReadableState, value: unknown, strategy: Strategy): void {
  const source = toUnderlyingSource(value);
  const { pull, cancel, start } = source;
  const algorithms = {
    pull: pull && ((): Promise<unknown> => callForPromise(pull, value, [seen()])),
    cancel:
      cancel && ((reason: unknown): Promise<unknown> => callForPromise(cancel, value, [reason])),
  };
  const { controller, seen } =
    source.type === 'bytes'
      ? setUpBytes(
          stream,
          { ...algorithms, autoAllocateChunkSize: source.autoAllocateChunkSize },
          strategy,
        )
      : setUpDefault(stream, algorithms, strategy);
  controller.start(start === undefined ? undefined : ReflectApply(start, value, [seen()]));
}

type Algorithms = Pick<DefaultSource, 'pull' | 'cancel'>;

/** A controller, and the object that the source sees of it. */
interface SetUp {
  readonly controller: { start(result: unknown): void };
  readonly seen: () => object;
}

function setUpDefault(stream: ReadableState, algorithms: Algorithms, strategy: Strategy): SetUp {
  const highWaterMark = highWaterMarkOf(strategy, 1);
  const controller = new DefaultController(stream, {
    ...algorithms,
    highWaterMark,
    size: strategy.size,
  });
  const seen = new ReadableStreamDefaultController(controller);
  return { controller, seen: () => seen };
}

function setUpBytes(
  stream: ReadableState,
  algorithms: Omit<ByteSource, 'highWaterMark'>,
  strategy: Strategy,
): SetUp {
  if (strategy.size !== undefined) {
    throw new RangeError('The strategy of a byte stream cannot have a size function');
  }
  const highWaterMark = highWaterMarkOf(strategy, 0);
  const controller = new ByteController(stream, { ...algorithms, highWaterMark });
  const seen = new ReadableByteStreamController(controller);
  return { controller, seen: () => seen };
}

function toUnderlyingSource(value: unknown): UnderlyingSource {
  if (value === undefined) return noSource;
  if (!isObject(value)) throw new TypeError('The underlying source is not an object');
  const autoAllocateChunkSize = toChunkSize(ReflectGet(value, 'autoAllocateChunkSize'));
  const cancel = toCallback(value, 'cancel');
  const pull = toCallback(value, 'pull');
  const start = toCallback(value, 'start');
  const type: unknown = ReflectGet(value, 'type');
  if (type !== undefined && toDomString(type) !== 'bytes') {
    throw new TypeError('The type of the underlying source is not "bytes"');
  }
  if (type === undefined) return { autoAllocateChunkSize, cancel, pull, start, type: undefined };
  if (autoAllocateChunkSize === 0) throw new TypeError('autoAllocateChunkSize is 0');
  return { autoAllocateChunkSize, cancel, pull, start, type: 'bytes' };
}

function toChunkSize(value: unknown): number | undefined {
  return value === undefined ? undefined : toEnforcedInteger(value, 'autoAllocateChunkSize');
}

const noSource: UnderlyingSource = {
  autoAllocateChunkSize: undefined,
  cancel: undefined,
  pull: undefined,
  start: undefined,
  type: undefined,
};
