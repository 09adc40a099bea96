import { promiseReject, transform } from '../safe-promise.ts';

/* Runtime code has no async functions: `await` reads a `constructor` that worker code may have patched. */

/** Runs the function; what it throws rejects. */
export function attempt<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return run();
  } catch (error) {
    return promiseReject(error);
  }
}

/** The promise for what `next` makes of the value; what it throws rejects. */
export function andThen<Value, Result>(
  promise: Promise<Value>,
  next: (value: Value) => Result | PromiseLike<Result>,
): Promise<Result> {
  return transform(promise, next, rethrow);
}

function rethrow(reason: unknown): never {
  throw reason;
}
