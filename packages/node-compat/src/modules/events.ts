import { EventEmitter } from 'events/';
import { eventIterator } from '../event-iterator.ts';

type Emitter = EventEmitter | EventTarget;
type EventName = string | symbol;
type Listener = (...args: unknown[]) => void;

export const errorMonitor: unique symbol = Symbol('events.errorMonitor') as never;
export const captureRejectionSymbol = Symbol.for('nodejs.rejection');
export const captureRejections = false;
export const usingDomains = false;
export const { defaultMaxListeners } = EventEmitter;

const targetLimits = new WeakMap<EventTarget, number>();

export function getEventListeners(emitter: Emitter, name: EventName): unknown[] {
  // Listeners of an EventTarget cannot be listed.
  return isEmitter(emitter) ? emitter.listeners(name) : [];
}

export function getMaxListeners(emitter: Emitter): number {
  return isEmitter(emitter) ? emitter.getMaxListeners() : (targetLimits.get(emitter) ?? 0);
}

export function setMaxListeners(
  count = EventEmitter.defaultMaxListeners,
  ...emitters: Emitter[]
): void {
  if (emitters.length === 0) EventEmitter.defaultMaxListeners = count;
  for (const emitter of emitters) {
    if (isEmitter(emitter)) emitter.setMaxListeners(count);
    else targetLimits.set(emitter, count);
  }
}

export function listenerCount(emitter: Emitter, name: EventName): number {
  return getEventListeners(emitter, name).length;
}

export function addAbortListener(signal: AbortSignal, listener: () => void): Disposable {
  if (signal.aborted) queueMicrotask(listener);
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}

/** A promise for the arguments of the next such event. */
export function once(
  emitter: Emitter,
  name: EventName,
  { signal }: { signal?: AbortSignal } = {},
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortError(signal));
      return;
    }
    const stop = (): void => {
      unlisten(emitter, name, onEvent);
      if (isEmitter(emitter)) emitter.removeListener('error', onError);
      signal?.removeEventListener('abort', onAbort);
    };
    const onEvent = (...args: unknown[]): void => {
      stop();
      resolve(args);
    };
    const onError = (error: unknown): void => {
      stop();
      reject(error);
    };
    const onAbort = (): void => {
      stop();
      reject(abortError(signal));
    };
    listen(emitter, name, onEvent);
    if (isEmitter(emitter) && name !== 'error') emitter.once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Iterates over such events, for ever or until `signal` aborts or an event of `close` comes. */
export function on(
  emitter: Emitter,
  name: EventName,
  options: { signal?: AbortSignal; close?: readonly string[] } = {},
): AsyncIterableIterator<unknown[]> {
  const { signal, close = [] } = options;
  if (signal?.aborted === true) throw abortError(signal);
  const iterator = eventIterator<unknown[]>(() => {
    unlisten(emitter, name, onEvent);
    for (const closing of close) unlisten(emitter, closing, onClose);
    if (isEmitter(emitter)) emitter.removeListener('error', onError);
    signal?.removeEventListener('abort', onAbort);
  });
  const onEvent: Listener = (...args) => iterator.push(args);
  const onClose: Listener = () => iterator.end();
  const onError: Listener = (error) => iterator.fail(error);
  const onAbort: Listener = () => iterator.fail(abortError(signal));
  listen(emitter, name, onEvent);
  for (const closing of close) listen(emitter, closing, onClose);
  if (isEmitter(emitter) && name !== 'error') emitter.on('error', onError);
  signal?.addEventListener('abort', onAbort, { once: true });
  return iterator.iterator;
}

function isEmitter(emitter: Emitter): emitter is EventEmitter {
  return typeof (emitter as { emit?: unknown }).emit === 'function';
}

function listen(emitter: Emitter, name: EventName, listener: Listener): void {
  if (isEmitter(emitter)) emitter.on(name, listener);
  else emitter.addEventListener(String(name), listener);
}

function unlisten(emitter: Emitter, name: EventName, listener: Listener): void {
  if (isEmitter(emitter)) emitter.removeListener(name, listener);
  else emitter.removeEventListener(String(name), listener);
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

// The library does not know of error monitors.
// oxlint-disable-next-line typescript/unbound-method
const { emit } = EventEmitter.prototype;
EventEmitter.prototype.emit = function (this: EventEmitter, name: EventName, ...args: unknown[]) {
  if (name === 'error' && this.listenerCount(errorMonitor) > 0) {
    emit.call(this, errorMonitor, ...args);
  }
  return emit.call(this, name, ...args);
};

Object.assign(EventEmitter, {
  addAbortListener,
  captureRejections,
  captureRejectionSymbol,
  errorMonitor,
  EventEmitter,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
  usingDomains,
});

export { EventEmitter, EventEmitter as default };
