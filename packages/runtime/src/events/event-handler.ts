import { ReflectApply } from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';
import { listenersOf, type EventTarget } from './event-target.ts';
import { eventStateOf, type Event } from './event.ts';
import type { Listener } from './listeners.ts';

/**
 * An `on…` attribute of an event target.
 * https://html.spec.whatwg.org/#event-handler-idl-attributes
 */
export class EventHandler {
  readonly #target: EventTarget;
  readonly #type: string;
  readonly #call: (value: object, event: Event) => void;
  /** Its place among the listeners is that of the assignment that followed null. */
  #listener: Listener | undefined = undefined;
  #value: object | null = null;

  /** @param call Calls a value that is a function, and acts on its result. */
  constructor(
    target: EventTarget,
    type: string,
    call: (value: object, event: Event) => void = callHandler,
  ) {
    this.#target = target;
    this.#type = type;
    this.#call = call;
  }

  get value(): object | null {
    return this.#value;
  }

  set(value: unknown): void {
    this.#value = isObject(value) ? value : null;
    const listeners = listenersOf(this.#target);
    if (this.#value === null) {
      if (this.#listener !== undefined) listeners.remove(this.#listener);
      this.#listener = undefined;
    } else if (this.#listener === undefined) {
      this.#listener = this.#newListener();
      listeners.add(this.#listener);
    }
  }

  #newListener(): Listener {
    return {
      type: this.#type,
      callback: (event: Event) => this.#handle(event),
      isCapturing: false,
      isOnce: false,
      isPassive: false,
      isRemoved: false,
    };
  }

  #handle(event: Event): void {
    if (this.#value === null) return;
    const call = this.#call;
    call(this.#value, event);
  }
}

/** https://html.spec.whatwg.org/#the-event-handler-processing-algorithm */
function callHandler(value: object, event: Event): void {
  if (typeof value !== 'function') return;
  const state = eventStateOf(event);
  if (ReflectApply(value, state.currentTarget, [event]) === false) state.cancel();
}
