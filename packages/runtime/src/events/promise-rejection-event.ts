import { ReflectGet, TypeError } from '../primordials.ts';
import { promiseResolve } from '../safe-promise.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { Event } from './event.ts';

/** https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  readonly #promise: Promise<unknown>;
  readonly #reason: unknown;

  constructor(type: unknown, init: unknown) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent constructor');
    super(type, init);
    const promise: unknown = isObject(init) ? ReflectGet(init, 'promise') : undefined;
    if (promise === undefined) {
      throw new TypeError('PromiseRejectionEvent constructor: promise is required');
    }
    this.#promise = promiseResolve(promise);
    this.#reason = isObject(init) ? ReflectGet(init, 'reason') : undefined;
  }

  get promise(): Promise<unknown> {
    return this.#promise;
  }

  get reason(): unknown {
    return this.#reason;
  }

  static {
    defineInterface(this, 'PromiseRejectionEvent');
  }
}
