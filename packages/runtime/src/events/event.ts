/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { elapsedMs } from '../performance/clock.ts';
import { ObjectDefineProperty, ReflectGetOwnPropertyDescriptor } from '../primordials.ts';
import { requireArguments, toDictionary, toDomString } from '../webidl/convert.ts';
import { defineConstants, defineInterface } from '../webidl/define-interface.ts';

export const eventPhases = { none: 0, capturing: 1, atTarget: 2, bubbling: 3 } as const;

/** What the standard keeps of an event, for whoever dispatches it. */
export class EventState {
  type: string;
  bubbles = false;
  cancelable = false;
  composed = false;
  isTrusted = false;
  isInitialized = true;
  isDispatched = false;
  isStopped = false;
  isStoppedImmediately = false;
  isCanceled = false;
  isInPassiveListener = false;
  phase: number = eventPhases.none;
  target: object | null = null;
  currentTarget: object | null = null;
  readonly timeStamp = elapsedMs();

  constructor(type: string) {
    this.type = type;
  }

  /** https://dom.spec.whatwg.org/#concept-event-initialize, unless the event is being dispatched. */
  initialize(type: string, bubbles: boolean, cancelable: boolean): void {
    if (this.isDispatched) return;
    this.isInitialized = true;
    this.isStopped = false;
    this.isStoppedImmediately = false;
    this.isCanceled = false;
    this.isTrusted = false;
    this.target = null;
    this.type = type;
    this.bubbles = bubbles;
    this.cancelable = cancelable;
  }

  /** https://dom.spec.whatwg.org/#set-the-canceled-flag */
  cancel(): void {
    if (this.cancelable && !this.isInPassiveListener) this.isCanceled = true;
  }
}

let eventStateOf: (event: Event) => EventState;
let isEvent: (value: object) => value is Event;

/** https://dom.spec.whatwg.org/#interface-event */
export class Event {
  readonly #state: EventState;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Event constructor');
    this.#state = new EventState(toDomString(type));
    const options = toDictionary<'bubbles' | 'cancelable' | 'composed'>(init, 'Event constructor');
    this.#state.bubbles = !!options.bubbles;
    this.#state.cancelable = !!options.cancelable;
    this.#state.composed = !!options.composed;
    // WebIDL's LegacyUnforgeable: an own property that cannot be replaced.
    ObjectDefineProperty(this, 'isTrusted', isTrustedProperty);
  }

  get type(): string {
    return this.#state.type;
  }

  get target(): object | null {
    return this.#state.target;
  }

  get srcElement(): object | null {
    return this.#state.target;
  }

  get currentTarget(): object | null {
    return this.#state.currentTarget;
  }

  get eventPhase(): number {
    return this.#state.phase;
  }

  get bubbles(): boolean {
    return this.#state.bubbles;
  }

  get cancelable(): boolean {
    return this.#state.cancelable;
  }

  get defaultPrevented(): boolean {
    return this.#state.isCanceled;
  }

  get composed(): boolean {
    return this.#state.composed;
  }

  get timeStamp(): number {
    return this.#state.timeStamp;
  }

  get cancelBubble(): boolean {
    return this.#state.isStopped;
  }

  set cancelBubble(value: unknown) {
    const state = this.#state;
    if (value) state.isStopped = true;
  }

  get returnValue(): boolean {
    return !this.#state.isCanceled;
  }

  set returnValue(value: unknown) {
    const state = this.#state;
    if (!value) state.cancel();
  }

  composedPath(): object[] {
    const { currentTarget } = this.#state;
    return currentTarget === null ? [] : [currentTarget];
  }

  stopPropagation(): void {
    this.#state.isStopped = true;
  }

  stopImmediatePropagation(): void {
    this.#state.isStopped = true;
    this.#state.isStoppedImmediately = true;
  }

  preventDefault(): void {
    this.#state.cancel();
  }

  initEvent(type: unknown, bubbles: unknown = false, cancelable: unknown = false): void {
    requireArguments(arguments.length, 1, 'Event.initEvent');
    this.#state.initialize(toDomString(type), !!bubbles, !!cancelable);
  }

  static {
    eventStateOf = (event) => event.#state;
    isEvent = (value): value is Event => #state in value;
    defineInterface(this, 'Event');
    defineConstants(this, [
      ['NONE', eventPhases.none],
      ['CAPTURING_PHASE', eventPhases.capturing],
      ['AT_TARGET', eventPhases.atTarget],
      ['BUBBLING_PHASE', eventPhases.bubbling],
    ]);
  }
}

/** Every event has this same getter. */
const isTrustedProperty: object = {
  __proto__: null,
  ...ReflectGetOwnPropertyDescriptor(
    {
      get isTrusted(): boolean {
        // A method of a plain object: the receiver is whatever the worker passes.
        return eventStateOf(this as object as Event).isTrusted;
      },
    },
    'isTrusted',
  ),
  enumerable: true,
  configurable: false,
};

export { eventStateOf, isEvent };
