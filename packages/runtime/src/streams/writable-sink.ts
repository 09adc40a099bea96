import { domExceptionModule } from '../lazy/lazy-modules.ts';
import { ReflectApply, ReflectGet, RangeError, TypeError } from '../primordials.ts';
import { promiseResolve } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { callForPromise, toCallback } from '../webidl/to-algorithm.ts';
import { LazyAbortSignal } from '../events/lazy-abort-signal.ts';
import { highWaterMarkOf } from './strategies.ts';
import type { Strategy } from './strategies.ts';
import { DefaultWritableController } from './writable-default-controller.ts';
import type { WritableState } from './writable-state.ts';
import {
  WritableControllerAccess,
  WritableStreamDefaultController,
} from './writable-stream-default-controller.ts';

/** Sets up a stream with a sink given by worker code; what `start` throws is thrown. */
export function setUpFromSink(stream: WritableState, value: unknown, strategy: Strategy): void {
  const sink = toUnderlyingSink(value);
  const signal = new LazyAbortSignal(undefined);
  const { abort, close, write, start } = sink;
  const controller: DefaultWritableController = new DefaultWritableController(stream, {
    highWaterMark: highWaterMarkOf(strategy, 1),
    size: strategy.size,
    write: (chunk) => (write === undefined ? done : callForPromise(write, value, [chunk, seen])),
    close: () => (close === undefined ? done : callForPromise(close, value, [])),
    abort: (reason) => (abort === undefined ? done : callForPromise(abort, value, [reason])),
    signalAbort: (reason) => signal.abort(reason === undefined ? newAbortError() : reason),
  });
  const seen: WritableStreamDefaultController = new WritableStreamDefaultController(
    new WritableControllerAccess(controller, () => signal.signal),
  );
  const started: unknown = start === undefined ? undefined : ReflectApply(start, value, [seen]);
  controller.start(started);
}

function newAbortError(): unknown {
  return new domExceptionModule.value.DOMException('The stream was aborted', 'AbortError');
}

const done: Promise<undefined> = promiseResolve(undefined);

type Callback = ReturnType<typeof toCallback>;

/** https://streams.spec.whatwg.org/#dictdef-underlyingsink, converted. */
interface UnderlyingSink {
  readonly abort: Callback;
  readonly close: Callback;
  readonly start: Callback;
  readonly write: Callback;
}

function toUnderlyingSink(value: unknown): UnderlyingSink {
  if (value === undefined) return noSink;
  if (!isObject(value)) throw new TypeError('The underlying sink is not an object');
  const abort = toCallback(value, 'abort');
  const close = toCallback(value, 'close');
  const start = toCallback(value, 'start');
  const type: unknown = ReflectGet(value, 'type');
  if (type !== undefined) throw new RangeError('The underlying sink has a type');
  return { abort, close, start, write: toCallback(value, 'write') };
}

const noSink: UnderlyingSink = {
  abort: undefined,
  close: undefined,
  start: undefined,
  write: undefined,
};
