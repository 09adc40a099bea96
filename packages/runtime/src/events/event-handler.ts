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
  /** Its place among the listeners is that of the assignment that followed null. */
  #listener: Listener | undefined = undefined;
  #value: object | null = null;

  constructor(target: EventTarget, type: string) {
    this.#target = target;
    this.#type = type;
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
    if (typeof this.#value !== 'function') return;
    const state = eventStateOf(event);
    if (ReflectApply(this.#value, state.currentTarget, [event]) === false) state.cancel();
  }
}
