/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { reportException } from '../dispatch/services.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import { ReflectApply, ReflectGet, TypeError } from '../primordials.ts';
import { isObject, requireArguments, toDictionary, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { abortStateOf, type AbortState } from './abort-state.ts';
import { eventPhases, eventStateOf, isEvent, type Event, type EventState } from './event.ts';
import { Listeners, type Listener } from './listeners.ts';

let listenersOf: (target: EventTarget) => Listeners;

/** https://dom.spec.whatwg.org/#interface-eventtarget. There is no tree: the path is the target. */
export class EventTarget {
  #listeners: Listeners | undefined = undefined;

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'EventTarget.addEventListener');
    const listeners = listenersOf(this);
    const listenerType = toDomString(type);
    const object = toCallback(callback);
    const { signal, ...flags } = toListenerOptions(options);
    if (object === null || signal?.isAborted === true) return;
    if (listeners.find(listenerType, object, flags.isCapturing) !== undefined) return;
    const listener = { type: listenerType, callback: object, ...flags, isRemoved: false };
    listeners.add(listener);
    signal?.addAlgorithm(() => listeners.remove(listener));
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'EventTarget.removeEventListener');
    const listeners = listenersOf(this);
    const listenerType = toDomString(type);
    const object = toCallback(callback);
    const isCapturing = toCapture(options);
    if (object === null) return;
    const listener = listeners.find(listenerType, object, isCapturing);
    if (listener !== undefined) listeners.remove(listener);
  }

  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, 1, 'EventTarget.dispatchEvent');
    return dispatchUntrusted(this, listenersOf(this), event);
  }

  static {
    listenersOf = (target) => (target.#listeners ??= new Listeners());
    defineInterface(this, 'EventTarget');
  }
}

/**
 * Dispatches an event of the runtime's own.
 *
 * @returns False when a listener has canceled it.
 */
export function dispatchTrusted(target: EventTarget, event: Event): boolean {
  eventStateOf(event).isTrusted = true;
  return dispatch(target, listenersOf(target), event);
}

/** The same for a target that keeps its listeners elsewhere. */
export function dispatchAt(target: object, listeners: Listeners, event: Event): boolean {
  eventStateOf(event).isTrusted = true;
  return dispatch(target, listeners, event);
}

/** https://dom.spec.whatwg.org/#dom-eventtarget-dispatchevent */
export function dispatchUntrusted(target: object, listeners: Listeners, event: unknown): boolean {
  if (!isObject(event) || !isEvent(event)) throw new TypeError('The argument is not an Event');
  const state = eventStateOf(event);
  if (state.isDispatched || !state.isInitialized) {
    throw new DOMException('The event is already being dispatched', 'InvalidStateError');
  }
  state.isTrusted = false;
  return dispatch(target, listeners, event);
}

/** https://dom.spec.whatwg.org/#concept-event-dispatch */
function dispatch(target: object, listeners: Listeners, event: Event): boolean {
  const state = eventStateOf(event);
  state.isDispatched = true;
  state.target = target;
  state.currentTarget = target;
  state.phase = eventPhases.atTarget;
  invoke(listeners, event, state, true);
  invoke(listeners, event, state, false);
  state.phase = eventPhases.none;
  state.currentTarget = null;
  state.isDispatched = false;
  state.isStopped = false;
  state.isStoppedImmediately = false;
  return !state.isCanceled;
}

function invoke(listeners: Listeners, event: Event, state: EventState, isCapturing: boolean): void {
  const present = state.isStopped ? undefined : listeners.get(state.type);
  if (present === undefined) return;
  // Listeners added while it runs are appended, and not called.
  const { length } = present;
  for (let i = 0; i < length && !state.isStoppedImmediately; i += 1) {
    const listener = present[i];
    if (listener === undefined || listener.isRemoved) continue;
    if (listener.isCapturing !== isCapturing) continue;
    if (listener.isOnce) listeners.remove(listener);
    state.isInPassiveListener = listener.isPassive;
    try {
      call(listener, event, state.currentTarget);
    } catch (error) {
      reportException(error);
    }
    state.isInPassiveListener = false;
  }
}

function call({ callback }: Listener, event: Event, target: object | null): void {
  if (typeof callback === 'function') {
    ReflectApply(callback, target, [event]);
    return;
  }
  const handler: unknown = ReflectGet(callback, 'handleEvent');
  if (typeof handler !== 'function') throw new TypeError('handleEvent is not a function');
  ReflectApply(handler, callback, [event]);
}

/** WebIDL's `EventListener?`. */
function toCallback(callback: unknown): object | null {
  if (callback === null || callback === undefined) return null;
  if (!isObject(callback)) throw new TypeError('The listener is not an object');
  return callback;
}

interface ListenerOptions {
  readonly isCapturing: boolean;
  readonly isOnce: boolean;
  readonly isPassive: boolean;
  readonly signal: AbortState | undefined;
}

/** https://dom.spec.whatwg.org/#event-flatten-more */
function toListenerOptions(options: unknown): ListenerOptions {
  const isCapturing = toCapture(options);
  if (!isObject(options)) {
    return { isCapturing, isOnce: false, isPassive: false, signal: undefined };
  }
  const members = toDictionary<'once' | 'passive' | 'signal'>(options, 'addEventListener');
  const { once, passive, signal } = members;
  const state = isObject(signal) ? abortStateOf(signal) : undefined;
  if (signal !== undefined && state === undefined) {
    throw new TypeError('addEventListener: signal is not an AbortSignal');
  }
  return { isCapturing, isOnce: !!once, isPassive: !!passive, signal: state };
}

function toCapture(options: unknown): boolean {
  if (!isObject(options)) return !!options;
  return !!toDictionary<'capture'>(options, 'EventTarget').capture;
}

export { listenersOf };
