/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import type { DefaultWritableController } from './writable-default-controller.ts';

/** What the public controller object needs; made by the runtime only. */
export class WritableControllerAccess {
  readonly controller: DefaultWritableController;
  readonly signal: () => object;

  constructor(controller: DefaultWritableController, signal: () => object) {
    this.controller = controller;
    this.signal = signal;
  }
}

/** https://streams.spec.whatwg.org/#ws-default-controller-class, as a sink sees it. */
export class WritableStreamDefaultController {
  readonly #access: WritableControllerAccess;

  constructor(access: unknown = undefined) {
    if (!(access instanceof WritableControllerAccess)) throw new TypeError('Illegal constructor');
    this.#access = access;
  }

  get signal(): object {
    const { signal } = this.#access;
    return signal();
  }

  error(reason: unknown = undefined): void {
    this.#access.controller.error(reason);
  }

  static {
    defineInterface(this, 'WritableStreamDefaultController');
  }
}
