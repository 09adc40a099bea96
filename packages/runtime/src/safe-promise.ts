/* oxlint-disable typescript/unbound-method -- captured like those of primordials.ts */
import { bindContext, isContextFollowed } from './async-context/context.ts';
import { ReflectApply, uncurryThis } from './primordials.ts';

const SafePromise = Promise;
const { resolve, reject } = Promise;
// TypeScript cannot express the result of uncurrying a generic method: these are their signatures.
const promiseThen = uncurryThis(Promise.prototype.then) as <T>(
  self: Promise<T>,
  onFulfilled: (value: T) => void,
  onRejected: (reason: unknown) => void,
) => Promise<unknown>;

/** A promise for the value, as WebIDL converts to a promise: promises stay, thenables are adopted. */
export function promiseResolve<T>(value: T | PromiseLike<T>): Promise<T> {
  const promise: unknown = ReflectApply(resolve, SafePromise, [value]);
  return promise as Promise<T>;
}

/**
 * Streams' and WebIDL's "a promise resolved with": always a new one. It settles later than
 * {@link promiseResolve}'s when the value is a promise, which the order of user code shows.
 */
export function promiseResolvedWith<T>(value: T | PromiseLike<T>): Promise<T> {
  return new SafePromise<T>((settle) => settle(value));
}

export function promiseReject<T = never>(reason: unknown): Promise<T> {
  const promise: unknown = ReflectApply(reject, SafePromise, [reason]);
  return promise as Promise<T>;
}

/**
 * Calls one of the functions when the value, or the promise or thenable it is, has settled; at the
 * earliest in the next microtask. They must not throw. Whatever a patched `Promise` does is passed
 * to `onRejected`; a worker that never lets it settle only makes its own event wait.
 */
export function react<T>(
  value: T | PromiseLike<T>,
  onFulfilled: (value: T) => void,
  onRejected: (reason: unknown) => void,
): void {
  try {
    if (isContextFollowed) {
      void promiseThen(promiseResolve(value), bindContext(onFulfilled), bindContext(onRejected));
    } else {
      void promiseThen(promiseResolve(value), onFulfilled, onRejected);
    }
  } catch (error) {
    // A patched `constructor` or `then` getter threw.
    onRejected(error);
  }
}

function ignore(): void {}

/** Keeps a rejection from being reported as unhandled. */
export function markHandled(promise: Promise<unknown>): void {
  react(promise, ignore, ignore);
}

/** A promise and the functions that settle it. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve: (value: T) => void = ignore;
  #reject: (reason: unknown) => void = ignore;

  constructor() {
    this.promise = new SafePromise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    this.#reject(reason);
  }
}

/** A promise for what the called function returns; it runs when `value` has settled. */
export function transform<T, Result>(
  value: T | PromiseLike<T>,
  onFulfilled: (value: T) => Result | PromiseLike<Result>,
  onRejected: (reason: unknown) => Result | PromiseLike<Result>,
): Promise<Result> {
  return new SafePromise<Result>((resolve, reject) => {
    const settle = (run: () => Result | PromiseLike<Result>): void => {
      try {
        resolve(run());
      } catch (error) {
        reject(error);
      }
    };
    react(
      value,
      (result) => settle(() => onFulfilled(result)),
      (reason) => settle(() => onRejected(reason)),
    );
  });
}

const resolved: Promise<undefined> = promiseResolve(undefined);

/** Runs the function, which must not throw, when the present code and earlier microtasks are done. */
export function enqueueMicrotask(run: () => void): void {
  react(resolved, run, ignore);
}

/**
 * A promise that is made when somebody asks for it: most of the streams' `closed` and `ready`
 * promises are never looked at. Its rejection never counts as unhandled.
 */
export class LazyPromise {
  #status: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  #reason: unknown = undefined;
  #deferred: Deferred<undefined> | undefined = undefined;

  get promise(): Promise<undefined> {
    if (this.#deferred === undefined) {
      this.#deferred = new Deferred();
      this.#settle(this.#deferred);
    }
    return this.#deferred.promise;
  }

  get isPending(): boolean {
    return this.#status === 'pending';
  }

  resolve(): void {
    if (this.#status !== 'pending') return;
    this.#status = 'fulfilled';
    this.#settle(this.#deferred);
  }

  reject(reason: unknown): void {
    if (this.#status !== 'pending') return;
    this.#status = 'rejected';
    this.#reason = reason;
    this.#settle(this.#deferred);
  }

  #settle(deferred: Deferred<undefined> | undefined): void {
    if (deferred === undefined) return;
    if (this.#status === 'fulfilled') deferred.resolve(undefined);
    else if (this.#status === 'rejected') {
      markHandled(deferred.promise);
      deferred.reject(this.#reason);
    }
  }
}
