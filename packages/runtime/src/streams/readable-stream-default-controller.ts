/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { DefaultController, requireOpen } from './readable-default-controller.ts';

/** https://streams.spec.whatwg.org/#rs-default-controller-class, as a source sees it. */
export class ReadableStreamDefaultController {
  readonly #controller: DefaultController;

  constructor(controller: unknown = undefined) {
    if (!(controller instanceof DefaultController)) throw new TypeError('Illegal constructor');
    this.#controller = controller;
  }

  get desiredSize(): number | null {
    return this.#controller.desiredSize;
  }

  close(): void {
    requireOpen(this.#controller);
    this.#controller.close();
  }

  enqueue(chunk: unknown = undefined): void {
    requireOpen(this.#controller);
    this.#controller.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    this.#controller.error(reason);
  }

  static {
    defineInterface(this, 'ReadableStreamDefaultController');
  }
}
