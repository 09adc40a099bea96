/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { requireArguments, toDictionary, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { Event, eventStateOf } from './event.ts';

/** https://dom.spec.whatwg.org/#interface-customevent */
export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent constructor');
    super(type, init);
    const { detail } = toDictionary<'detail'>(init, 'CustomEvent constructor');
    this.#detail = detail === undefined ? null : detail;
  }

  get detail(): unknown {
    return this.#detail;
  }

  initCustomEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    detail: unknown = null,
  ): void {
    requireArguments(arguments.length, 1, 'CustomEvent.initCustomEvent');
    const state = eventStateOf(this);
    state.initialize(toDomString(type), !!bubbles, !!cancelable);
    if (!state.isDispatched) this.#detail = detail;
  }

  static {
    defineInterface(this, 'CustomEvent');
  }
}
