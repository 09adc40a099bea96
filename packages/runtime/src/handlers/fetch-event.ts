import { hostOps } from '../boundary.ts';
import { domExceptionModule } from '../lazy/lazy-modules.ts';
import type { EventState } from '../dispatch/event-state.ts';
import { host } from '../dispatch/host.ts';
import type { Request } from '../fetch/request.ts';
import { TypeError } from '../primordials.ts';
import { promiseResolve } from '../safe-promise.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';

/** A request on its way through the listeners. */
export class FetchDispatch {
  readonly event: EventState;
  readonly request: Request;
  /** What `respondWith` was given. */
  answer: Promise<unknown> | undefined = undefined;

  constructor(event: EventState, request: Request) {
    this.event = event;
    this.request = request;
  }
}

/** The event of `addEventListener('fetch')`. */
export class FetchEvent {
  readonly #dispatch: FetchDispatch;

  constructor(dispatch: unknown) {
    if (!(dispatch instanceof FetchDispatch)) throw new TypeError('Illegal constructor');
    this.#dispatch = dispatch;
  }

  get type(): string {
    void this.#dispatch;
    return 'fetch';
  }

  get request(): Request {
    return this.#dispatch.request;
  }

  /** Takes a Response or a promise of one; only once. */
  respondWith(response: unknown): void {
    requireArguments(arguments.length, 1, 'respondWith');
    if (this.#dispatch.answer !== undefined) {
      const { DOMException } = domExceptionModule.value;
      throw new DOMException('respondWith() was already called', 'InvalidStateError');
    }
    this.#dispatch.answer = promiseResolve(response);
  }

  waitUntil(promise: unknown): void {
    requireArguments(arguments.length, 1, 'waitUntil');
    this.#dispatch.event.waitUntil(promise);
  }

  passThroughOnException(): void {
    host(hostOps.passThroughOnException, this.#dispatch.event.id);
  }

  static {
    defineInterface(this, 'FetchEvent');
  }
}
