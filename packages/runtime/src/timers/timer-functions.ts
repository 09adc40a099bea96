/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import type { CurrentEvent } from '../dispatch/current-event.ts';
import { reportException } from '../dispatch/services.ts';
import type { GlobalFunctions } from '../globals.ts';
import { MathMax, ReflectApply, TypeError } from '../primordials.ts';
import { Deferred, enqueueMicrotask } from '../safe-promise.ts';
import { requireArguments, toNumber } from '../webidl/convert.ts';
import type { Timers } from './timers.ts';

type Callback = (...args: never) => unknown;

/** The functions of https://html.spec.whatwg.org/#timers and their relatives, for `globalThis`. */
export function createTimerFunctions(timers: Timers, current: CurrentEvent): GlobalFunctions {
  const start = (callback: unknown, delayMs: number, args: readonly unknown[]): number =>
    timers.set(
      { event: current.event, callback: toCallback(callback), args, intervalMs: undefined },
      delayMs,
    );
  return {
    setTimeout(callback: unknown, delay: unknown = undefined, ...args: unknown[]): number {
      requireArguments(arguments.length, 1, 'setTimeout');
      return start(callback, toDelay(delay), args);
    },
    setInterval(callback: unknown, delay: unknown = undefined, ...args: unknown[]): number {
      requireArguments(arguments.length, 1, 'setInterval');
      // A repetition without pause would never let go of the isolate.
      const intervalMs = MathMax(1, toDelay(delay));
      const timer = { event: current.event, callback: toCallback(callback), args, intervalMs };
      return timers.set(timer, intervalMs);
    },
    setImmediate(callback: unknown, ...args: unknown[]): number {
      requireArguments(arguments.length, 1, 'setImmediate');
      return start(callback, 0, args);
    },
    clearTimeout: (id: unknown = undefined): void => timers.clear(toLong(id)),
    clearInterval: (id: unknown = undefined): void => timers.clear(toLong(id)),
    clearImmediate: (id: unknown = undefined): void => timers.clear(toLong(id)),
    queueMicrotask(callback: unknown): void {
      requireArguments(arguments.length, 1, 'queueMicrotask');
      const run = toCallback(callback);
      enqueueMicrotask(() => {
        try {
          ReflectApply(run, undefined, noArguments);
        } catch (error) {
          reportException(error);
        }
      });
    },
  };
}

/** The `scheduler` global, as Workers have it. */
export function createScheduler(timers: Timers, current: CurrentEvent): object {
  return {
    wait(delay: unknown): Promise<undefined> {
      requireArguments(arguments.length, 1, 'scheduler.wait');
      const deferred = new Deferred<undefined>();
      const callback = (): void => deferred.resolve(undefined);
      const timer = { event: current.event, callback, args: noArguments, intervalMs: undefined };
      timers.set(timer, toDelay(delay));
      return deferred.promise;
    },
  };
}

const noArguments: readonly unknown[] = [];

function toCallback(value: unknown): Callback {
  if (typeof value !== 'function') throw new TypeError('The callback is not a function');
  // Whatever is callable can be called with anything.
  return value as Callback;
}

/** Whole milliseconds; negative delays and those of more than 24 days are 0, as everywhere. */
function toDelay(value: unknown): number {
  return MathMax(0, toLong(value));
}

/** WebIDL's `long`. */
function toLong(value: unknown): number {
  return toNumber(value) | 0;
}
