/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { startTimer } from '../dispatch/services.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import { newList, ReflectGet, SymbolIterator, TypeError } from '../primordials.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { toEnforcedInteger } from '../webidl/integers.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { AbortState, abortStateOf, defineAbortStateOf } from './abort-state.ts';
import { EventHandler } from './event-handler.ts';
import { dispatchTrusted, EventTarget, listenersOf } from './event-target.ts';
import { Event } from './event.ts';

/** https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  readonly #state: AbortState;
  #onabort: EventHandler | undefined = undefined;

  /** @param state Worker code cannot have one, and cannot construct signals. */
  constructor(state: unknown = undefined) {
    super();
    if (!(state instanceof AbortState)) throw new TypeError('Illegal constructor');
    this.#state = state;
    state.setEvent(() => dispatchTrusted(this, new Event('abort')));
    listenersOf(this).onPresenceChange = (type, isPresent) => {
      if (type === 'abort') state.setHasListeners(isPresent);
    };
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const state = new AbortState();
    state.abort(toAbortReason(reason));
    return new AbortSignal(state);
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delayMs = toEnforcedInteger(milliseconds, 'AbortSignal.timeout: the delay');
    const state = new AbortState();
    const expire = (): void =>
      state.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    startTimer(expire, delayMs);
    return new AbortSignal(state);
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    if (!isObject(signals)) throw new TypeError('AbortSignal.any: the argument is not iterable');
    const others = newList<AbortState>();
    iterate(signals, ReflectGet(signals, SymbolIterator), (signal) => {
      const other = isObject(signal) ? abortStateOf(signal) : undefined;
      if (other === undefined)
        throw new TypeError('AbortSignal.any: an item is not an AbortSignal');
      others[others.length] = other;
    });
    const state = new AbortState();
    state.follow(others);
    return new AbortSignal(state);
  }

  get aborted(): boolean {
    return this.#state.isAborted;
  }

  get reason(): unknown {
    return this.#state.reason;
  }

  throwIfAborted(): void {
    // The reason is the worker's own, whatever it is.
    if (this.#state.isAborted) throw this.#state.reason;
  }

  get onabort(): object | null {
    return this.#onabort?.value ?? null;
  }

  set onabort(handler: unknown) {
    this.#onabort ??= new EventHandler(this, 'abort');
    this.#onabort.set(handler);
  }

  static {
    defineAbortStateOf((value) => (#state in value ? value.#state : undefined));
    defineInterface(this, 'AbortSignal');
  }
}

/** The standard's reason when none was given. */
export function toAbortReason(reason: unknown): unknown {
  return reason === undefined
    ? new DOMException('This operation was aborted', 'AbortError')
    : reason;
}
