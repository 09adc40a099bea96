import { isDeepStrictEqual } from 'assert/build/internal/util/comparisons.js';
import {
  format,
  formatWithOptions,
  inspect,
  stripVTControlCharacters,
} from 'node-inspect-extracted';
import * as types from './util/types.ts';

export { format, formatWithOptions, inspect, isDeepStrictEqual, stripVTControlCharacters, types };
export const { TextDecoder, TextEncoder } = globalThis;
export const { isArray } = Array;

type Callback = (error: unknown, ...values: unknown[]) => void;
type Callable = (this: unknown, ...args: unknown[]) => unknown;

const customPromisify = Symbol.for('nodejs.util.promisify.custom');

/** A function that calls back, as one that returns a promise. */
export function promisify(original: Callable): Callable {
  assertFunction(original, 'original');
  const custom: unknown = Reflect.get(original, customPromisify);
  if (custom !== undefined) {
    assertFunction(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, customPromisify, {
      value: custom,
      configurable: true,
    }) as Callable;
  }
  const promisified: Callable = function (...args) {
    return new Promise((resolve, reject) => {
      const callback: Callback = (error, value) => {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever was given
        if (error !== null && error !== undefined) reject(error);
        else resolve(value);
      };
      Reflect.apply(original, this, [...args, callback]);
    });
  };
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original) as object);
  Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
  return Object.defineProperty(promisified, customPromisify, {
    value: promisified,
    configurable: true,
  });
}
promisify.custom = customPromisify;

/** A function that returns a promise, as one that calls back. */
export function callbackify(original: (...args: unknown[]) => Promise<unknown>): Callable {
  assertFunction(original, 'original');
  return function (...args) {
    const callback = args.pop();
    assertFunction(callback, 'last argument');
    Promise.resolve(Reflect.apply(original, this, args)).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (reason: unknown) =>
        queueMicrotask(() =>
          callback(
            reason ??
              Object.assign(new Error('Promise was rejected with a falsy value'), { reason }),
          ),
        ),
    );
  };
}

export function inherits(constructor: object, parent: { readonly prototype: object }): void {
  Object.defineProperty(constructor, 'super_', {
    value: parent,
    writable: true,
    configurable: true,
  });
  Object.setPrototypeOf(Reflect.get(constructor, 'prototype') as object, parent.prototype);
}

const warned = new Set<string>();

/** The function, which warns once when it is called. */
export function deprecate(original: Callable, message: string, code?: string): Callable {
  let isWarned = code !== undefined && warned.has(code);
  return function (...args) {
    if (!isWarned) {
      isWarned = true;
      if (code !== undefined) warned.add(code);
      console.warn(`DeprecationWarning: ${code === undefined ? '' : `[${code}] `}${message}`);
    }
    return new.target === undefined
      ? Reflect.apply(original, this, args)
      : (Reflect.construct(original, args, new.target) as unknown);
  };
}

/** There is no NODE_DEBUG here: it never writes. */
export function debuglog(): Callable & { readonly enabled: boolean } {
  return Object.assign(() => undefined, { enabled: false });
}
export { debuglog as debug };

export function toUSVString(text: unknown): string {
  return String(text).toWellFormed();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function _extend(target: object, source: object | null): object {
  return Object.assign(target, source);
}

function assertFunction(value: unknown, name: string): asserts value is Callable {
  if (typeof value === 'function') return;
  const error = new TypeError(`The "${name}" argument must be of type function`);
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}
