import {
  ReflectApply,
  ReflectGet,
  SymbolAsyncIterator,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import { promiseReject, promiseResolve, transform } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { createReadable } from './create-readable.ts';
import type { ReadableState } from './readable-state.ts';

interface IteratorRecord {
  readonly iterator: object;
  readonly next: unknown;
  /** Its values may be promises, as from a synchronous iterator. */
  readonly isSync: boolean;
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablestreamfromiterable */
export function readableFrom(iterable: unknown): ReadableState {
  const record = openIterator(iterable);
  const { stream, controller } = createReadable({
    highWaterMark: 0,
    pull: () =>
      transform(
        stepOf(record),
        (result) => {
          if (!isObject(result)) throw new TypeError('The iterator result is not an object');
          if (ReflectGet(result, 'done')) {
            controller.close();
            return undefined;
          }
          const value: unknown = ReflectGet(result, 'value');
          if (!record.isSync) {
            controller.enqueue(value);
            return undefined;
          }
          return transform(value, (chunk) => controller.enqueue(chunk), rethrow);
        },
        rethrow,
      ),
    cancel: (reason) => closeIterator(record, reason),
  });
  controller.start(undefined);
  return stream;
}

function openIterator(iterable: unknown): IteratorRecord {
  if (iterable === undefined || iterable === null) throw new TypeError('Not iterable');
  const asyncMethod: unknown = propertyOf(iterable, SymbolAsyncIterator);
  const isSync = asyncMethod === undefined || asyncMethod === null;
  const method: unknown = isSync ? propertyOf(iterable, SymbolIterator) : asyncMethod;
  if (typeof method !== 'function') throw new TypeError('Not iterable');
  const iterator: unknown = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError('The iterator is not an object');
  return { iterator, next: ReflectGet(iterator, 'next'), isSync };
}

function stepOf({ iterator, next }: IteratorRecord): Promise<unknown> {
  if (typeof next !== 'function') return promiseReject(new TypeError('next is not a function'));
  try {
    return promiseResolve(ReflectApply(next, iterator, []));
  } catch (error) {
    return promiseReject(error);
  }
}

function closeIterator({ iterator }: IteratorRecord, reason: unknown): Promise<unknown> {
  try {
    const method: unknown = ReflectGet(iterator, 'return');
    if (method === undefined || method === null) return promiseResolve(undefined);
    if (typeof method !== 'function') throw new TypeError('return is not a function');
    return transform(
      promiseResolve(ReflectApply(method, iterator, [reason])),
      (result) => {
        if (!isObject(result)) throw new TypeError('The iterator result is not an object');
        return undefined;
      },
      rethrow,
    );
  } catch (error) {
    return promiseReject(error);
  }
}

/** Also of primitives: strings are iterable. */
function propertyOf(value: NonNullable<unknown>, key: symbol): unknown {
  return isObject(value) ? ReflectGet(value, key) : (value as Record<symbol, unknown>)[key];
}

function rethrow(reason: unknown): never {
  throw reason;
}
