import { ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import { isObject, toDomString } from '../webidl/convert.ts';
import { callForPromise, toCallback } from '../webidl/to-algorithm.ts';
import { DefaultController } from './readable-default-controller.ts';
import type { ReadableState } from './readable-state.ts';
import { ReadableStreamDefaultController } from './readable-stream-default-controller.ts';
import { highWaterMarkOf } from './strategies.ts';
import type { Strategy } from './strategies.ts';

type Callback = ReturnType<typeof toCallback>;

/** https://streams.spec.whatwg.org/#dictdef-underlyingsource, converted. */
interface UnderlyingSource {
  readonly cancel: Callback;
  readonly pull: Callback;
  readonly start: Callback;
  readonly type: 'bytes' | undefined;
}

/** Sets up a stream with a source given by worker code; what `start` throws is thrown. */
export function setUpFromSource(stream: ReadableState, value: unknown, strategy: Strategy): void {
  const source = toUnderlyingSource(value);
  if (source.type === 'bytes') throw new TypeError('Byte streams are not available yet');
  const highWaterMark = highWaterMarkOf(strategy, 1);
  const { pull, cancel, start } = source;
  const controller: DefaultController = new DefaultController(stream, {
    highWaterMark,
    size: strategy.size,
    pull: pull && ((): Promise<unknown> => callForPromise(pull, value, [seen])),
    cancel: cancel && ((reason): Promise<unknown> => callForPromise(cancel, value, [reason])),
  });
  const seen: ReadableStreamDefaultController = new ReadableStreamDefaultController(controller);
  const started: unknown = start === undefined ? undefined : ReflectApply(start, value, [seen]);
  controller.start(started);
}

function toUnderlyingSource(value: unknown): UnderlyingSource {
  if (value === undefined) return noSource;
  if (!isObject(value)) throw new TypeError('The underlying source is not an object');
  const cancel = toCallback(value, 'cancel');
  const pull = toCallback(value, 'pull');
  const start = toCallback(value, 'start');
  const type: unknown = ReflectGet(value, 'type');
  if (type !== undefined && toDomString(type) !== 'bytes') {
    throw new TypeError('The type of the underlying source is not "bytes"');
  }
  return { cancel, pull, start, type: type === undefined ? undefined : 'bytes' };
}

const noSource: UnderlyingSource = {
  cancel: undefined,
  pull: undefined,
  start: undefined,
  type: undefined,
};
