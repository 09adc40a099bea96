/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { defineInterface } from '../webidl/define-interface.ts';
import { AbortSignal, toAbortReason } from './abort-signal.ts';
import { AbortState } from './abort-state.ts';

/** https://dom.spec.whatwg.org/#interface-abortcontroller */
export class AbortController {
  readonly #state = new AbortState();
  readonly #signal = new AbortSignal(this.#state);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    const state = this.#state;
    // Making the reason captures a stack, which an aborted signal does not need.
    if (!state.isAborted) state.abort(toAbortReason(reason));
  }

  static {
    defineInterface(this, 'AbortController');
  }
}
