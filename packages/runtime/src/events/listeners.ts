import { newList, type List } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';

/** https://dom.spec.whatwg.org/#concept-event-listener */
export interface Listener {
  readonly type: string;
  readonly callback: object;
  readonly isCapturing: boolean;
  readonly isOnce: boolean;
  readonly isPassive: boolean;
  isRemoved: boolean;
}

/** The listeners of one target. The lists in it are replaced, never changed, when one is removed. */
export class Listeners {
  readonly #byType = new SafeMap<string, List<Listener>>();
  /** Told when the first listener for a type comes and the last one goes. */
  onPresenceChange: ((type: string, isPresent: boolean) => void) | undefined = undefined;

  get(type: string): List<Listener> | undefined {
    return this.#byType.get(type);
  }

  find(type: string, callback: object, isCapturing: boolean): Listener | undefined {
    const listeners = this.#byType.get(type);
    if (listeners === undefined) return undefined;
    for (let i = 0; i < listeners.length; i += 1) {
      const listener = listeners[i];
      if (listener?.callback === callback && listener.isCapturing === isCapturing) return listener;
    }
    return undefined;
  }

  add(listener: Listener): void {
    const listeners = this.#byType.get(listener.type);
    if (listeners === undefined) {
      const first = newList<Listener>();
      first[0] = listener;
      this.#byType.set(listener.type, first);
      this.onPresenceChange?.(listener.type, true);
    } else listeners[listeners.length] = listener;
  }

  remove(listener: Listener): void {
    if (listener.isRemoved) return;
    listener.isRemoved = true;
    const listeners = this.#byType.get(listener.type);
    if (listeners === undefined) return;
    const kept = newList<Listener>();
    for (let i = 0; i < listeners.length; i += 1) {
      const other = listeners[i];
      if (other !== undefined && other !== listener) kept[kept.length] = other;
    }
    if (kept.length > 0) this.#byType.set(listener.type, kept);
    else {
      this.#byType.delete(listener.type);
      this.onPresenceChange?.(listener.type, false);
    }
  }
}
