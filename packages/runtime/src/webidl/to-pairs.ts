import {
  newList,
  ReflectApply,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { isObject } from './convert.ts';

type Pair = readonly [first: string, second: string];

/**
 * Converts to the pairs of `(sequence<sequence<string>> or record<string, string>)`, as the
 * constructors of Headers and URLSearchParams take it.
 *
 * @param convert To the kind of string; gets property keys, symbols too, and values.
 */
export function toPairs(init: object, convert: (value: unknown) => string): List<Pair> {
  const method: unknown = ReflectGet(init, SymbolIterator);
  if (method === undefined || method === null) return pairsOfRecord(init, convert);
  const pairs = newList<Pair>();
  iterate(init, method, (item) => {
    const strings = newList<string>();
    if (!isObject(item)) throw new TypeError('Each header or parameter must be a pair');
    iterate(item, ReflectGet(item, SymbolIterator), (part) => {
      strings[strings.length] = convert(part);
    });
    const first = strings[0];
    const second = strings[1];
    if (strings.length !== 2 || first === undefined || second === undefined) {
      throw new TypeError('Each header or parameter must be a pair');
    }
    pairs[pairs.length] = [first, second];
  });
  return pairs;
}

function pairsOfRecord(record: object, convert: (value: unknown) => string): List<Pair> {
  const pairs = newList<Pair>();
  const keys = ReflectOwnKeys(record);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (key === undefined) continue;
    const descriptor = ReflectGetOwnPropertyDescriptor(record, key);
    if (descriptor?.enumerable !== true) continue;
    const name = convert(key);
    const value = convert(ReflectGet(record, key));
    // Different keys may be one once they are converted; the last value counts.
    pairs[name === key ? pairs.length : indexOfName(pairs, name)] = [name, value];
  }
  return pairs;
}

function indexOfName(pairs: List<Pair>, name: string): number {
  let i = 0;
  while (i < pairs.length && pairs[i]?.[0] !== name) i += 1;
  return i;
}

/** Calls back for each item; `method` is what the iterable's `Symbol.iterator` property was. */
export function iterate(iterable: object, method: unknown, each: (item: unknown) => void): void {
  if (typeof method !== 'function') throw new TypeError('Not iterable');
  const iterator: unknown = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError('The iterator is not an object');
  const next: unknown = ReflectGet(iterator, 'next');
  if (typeof next !== 'function') throw new TypeError('The iterator has no next method');
  for (;;) {
    const result: unknown = ReflectApply(next, iterator, []);
    if (!isObject(result)) throw new TypeError('The iterator result is not an object');
    const isDone: unknown = ReflectGet(result, 'done');
    // Any truthy value ends the iteration.
    if (isDone) return;
    each(ReflectGet(result, 'value'));
  }
}
