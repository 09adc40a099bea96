import { ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import { promiseReject, promiseResolvedWith } from '../safe-promise.ts';

/** An optional member of a dictionary that must be a function. */
export function toCallback(
  dictionary: object,
  name: string,
): ((...args: never) => unknown) | undefined {
  const value: unknown = ReflectGet(dictionary, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'function') throw new TypeError(`${name} is not a function`);
  // Whatever is callable can be called with anything.
  return value as (...args: never) => unknown;
}

/** Calls a callback that returns a promise: what it throws becomes a rejection. */
export function callForPromise(
  callback: (...args: never) => unknown,
  self: unknown,
  args: readonly unknown[],
): Promise<unknown> {
  try {
    return promiseResolvedWith(ReflectApply(callback, self, args));
  } catch (error) {
    return promiseReject(error);
  }
}
