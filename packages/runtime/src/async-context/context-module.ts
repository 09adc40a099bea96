/* oxlint-disable typescript/unbound-method -- captured like those of primordials.ts */
import { ObjectDefineProperty, ObjectFreeze, Promise, ReflectApply } from '../primordials.ts';
import { bindContext, followContext, swapContext } from './context.ts';

const { then } = Promise.prototype;

/**
 * Makes the isolate follow contexts, and answers what `openworkers:async-context` exports:
 * `swapContext(context)`, on which `AsyncLocalStorage` is built. Contexts follow `then`, and with
 * it every `await` of a worker that is bundled without native ones. Called before the worker's
 * first line.
 */
export function createContextModule(): object {
  followContext();
  const { followedThen } = {
    // A method, as `then` is: it constructs nothing and has no prototype.
    followedThen(this: unknown, onFulfilled: unknown, onRejected: unknown): unknown {
      return ReflectApply(then, this, [bound(onFulfilled), bound(onRejected)]);
    },
  };
  ObjectDefineProperty(followedThen, 'name', { __proto__: null, value: 'then' } as object);
  void ObjectDefineProperty(Promise.prototype, 'then', {
    __proto__: null,
    value: followedThen,
    writable: true,
    enumerable: false,
    configurable: true,
  } as object);
  return ObjectFreeze({
    __proto__: null,
    swapContext: (context: unknown): unknown => swapContext(context),
  });
}

function bound(callback: unknown): unknown {
  // Whatever is callable can be called with anything.
  return typeof callback === 'function'
    ? bindContext(callback as (argument: unknown) => unknown)
    : callback;
}
