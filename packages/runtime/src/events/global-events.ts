import { hostOps } from '../boundary.ts';
import { describeError } from '../dispatch/describe-error.ts';
import { host } from '../dispatch/host.ts';
import { globalObject, Number, ReflectApply, RegExpPrototypeExec } from '../primordials.ts';
import { markHandled, promiseReject } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { errorArgumentsOf, ErrorEvent } from './error-event.ts';
import { EventHandler } from './event-handler.ts';
import { dispatchAt, dispatchUntrusted, EventTarget, listenersOf } from './event-target.ts';
import { eventStateOf } from './event.ts';
import type { Event } from './event.ts';
import { PromiseRejectionEvent } from './promise-rejection-event.ts';

// Captured before worker code sees the class.
// oxlint-disable-next-line typescript/unbound-method -- called with their target
const { addEventListener, removeEventListener } = EventTarget.prototype;

/** The listeners of the global object, but for those of the worker's own events (`fetch` and so on). */
class GlobalEvents {
  /** Holds the listeners; worker code never sees it. */
  readonly #target = new EventTarget();
  readonly onerror = new EventHandler(this.#target, 'error', callErrorHandler);
  readonly onrejectionhandled = new EventHandler(this.#target, 'rejectionhandled');
  readonly onunhandledrejection = new EventHandler(this.#target, 'unhandledrejection');
  #isReporting = false;

  constructor() {
    listenersOf(this.#target).onPresenceChange = (type, isPresent) => {
      if (type === 'unhandledrejection') host(hostOps.watchRejections, 0, isPresent ? 1 : 0);
    };
  }

  add(args: readonly unknown[]): void {
    ReflectApply(addEventListener, this.#target, args);
  }

  remove(args: readonly unknown[]): void {
    ReflectApply(removeEventListener, this.#target, args);
  }

  dispatch(event: unknown): boolean {
    return dispatchUntrusted(globalObject, listenersOf(this.#target), event);
  }

  /**
   * https://html.spec.whatwg.org/#report-an-exception
   *
   * @returns False when it is still to be logged.
   */
  reportException(error: unknown): boolean {
    // An exception of the listeners themselves is only logged.
    if (this.#isReporting || !this.#hasListeners('error')) return false;
    this.#isReporting = true;
    try {
      return !this.#fire(new ErrorEvent('error', errorInit(error)));
    } finally {
      this.#isReporting = false;
    }
  }

  /**
   * https://html.spec.whatwg.org/#unhandled-promise-rejections. The engine tells only what the reason
   * looks like: the listeners get a reason that equals the original, and a promise of that.
   */
  reportRejection(reason: unknown): boolean {
    const promise = promiseReject(reason);
    markHandled(promise);
    const init = { __proto__: null, cancelable: true, promise, reason };
    return !this.#fire(new PromiseRejectionEvent('unhandledrejection', init));
  }

  #hasListeners(type: string): boolean {
    return listenersOf(this.#target).get(type) !== undefined;
  }

  #fire(event: Event): boolean {
    return dispatchAt(globalObject, listenersOf(this.#target), event);
  }
}

export const globalEvents = new GlobalEvents();

/** https://html.spec.whatwg.org/#onerroreventhandler: has five arguments, and true cancels. */
function callErrorHandler(handler: object, event: Event): void {
  if (typeof handler !== 'function') return;
  const args = errorArgumentsOf(event);
  const result: unknown = ReflectApply(handler, globalObject, args ?? [event]);
  if (result === (args !== undefined)) eventStateOf(event).cancel();
}

/** The first place in a stack: a name, a line and a column. */
const place = /\(?([^\s()]+):(\d+):(\d+)\)?(?:\n|$)/;

function errorInit(error: unknown): object {
  const { message, stack } = describeError(error);
  const found = RegExpPrototypeExec(place, stack);
  return {
    __proto__: null,
    cancelable: true,
    message: isObject(error) ? `Uncaught ${message}` : message,
    error,
    filename: found?.[1] ?? '',
    lineno: Number(found?.[2] ?? 0),
    colno: Number(found?.[3] ?? 0),
  };
}
