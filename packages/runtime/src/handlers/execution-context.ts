import { hostOps } from '../boundary.ts';
import { EventState } from '../dispatch/event-state.ts';
import { host } from '../dispatch/host.ts';
import { TypeError } from '../primordials.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';

/** The `ctx` argument of handlers. */
export class ExecutionContext {
  readonly #event: EventState;
  #props: object | undefined = undefined;

  constructor(event: unknown) {
    if (!(event instanceof EventState)) throw new TypeError('Illegal constructor');
    this.#event = event;
  }

  /** Keeps the event alive until the promise has settled; a rejection is logged. */
  waitUntil(promise: unknown): void {
    requireArguments(arguments.length, 1, 'waitUntil');
    this.#event.waitUntil(promise);
  }

  passThroughOnException(): void {
    host(hostOps.passThroughOnException, this.#event.id);
  }

  get props(): object {
    this.#props ??= {};
    return this.#props;
  }

  static {
    defineInterface(this, 'ExecutionContext');
  }
}
