import { utf8Length } from '../../encoding/utf8-encode.ts';
import { Body } from '../../fetch/body.ts';
import { extractBody } from '../../fetch/extract-body.ts';
import { Error, MathMin, MathTrunc, TypeError } from '../../primordials.ts';
import { isObject, toNumber, toUsvString } from '../../webidl/convert.ts';

const maxKeyBytes = 1024;
const maxKeys = 1000;

/** @throws Error, TypeError what is wrong with the key; the trusted side looks closer */
export function toKey(given: unknown): string {
  const key = toUsvString(given);
  if (key === '') throw new TypeError('The key is empty');
  const length = utf8Length(key);
  if (length > maxKeyBytes) {
    throw new Error(`A key has at most ${maxKeyBytes} bytes, not ${length}`);
  }
  return key;
}

export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

export function toCount(given: unknown, name: string): number {
  const count = MathTrunc(toNumber(given));
  if (!(count >= 0 && count <= 9_007_199_254_740_991)) {
    throw new TypeError(`${name} is not a count`);
  }
  return count;
}

/** How many keys a list has at most. */
export function toLimit(given: unknown): number {
  if (isAbsent(given)) return maxKeys;
  const limit = toCount(given, 'limit');
  if (limit < 1) throw new TypeError('limit is at least 1');
  return MathMin(limit, maxKeys);
}

/** What `put` takes; null is an empty object. */
export function toContent(value: unknown): { body: Body; contentType: string | undefined } {
  if (value === null) return { body: new Body('', undefined), contentType: undefined };
  if (typeof value === 'string') {
    return { body: new Body(value, undefined), contentType: undefined };
  }
  if (isObject(value)) return extractBody(value);
  throw new TypeError('put() takes a string, bytes, a Blob or a ReadableStream');
}
