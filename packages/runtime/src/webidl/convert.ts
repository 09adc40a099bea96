import { String, StringPrototypeToWellFormed, TypeError } from '../primordials.ts';

/* WebIDL's conversions of arguments. They run the worker's code when given an object. */

export function toDomString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return String(value);
}

/** A string without lone surrogates. */
export function toUsvString(value: unknown): string {
  return StringPrototypeToWellFormed(toDomString(value));
}

/** Throws the standard's TypeError when too few arguments were given. */
export function requireArguments(given: number, required: number, name: string): void {
  if (given < required) {
    throw new TypeError(
      `${name}: ${required} argument${required === 1 ? '' : 's'} required, but only ${given} present`,
    );
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** A WebIDL dictionary before conversion: whoever reads a member converts it. */
export type Dictionary<Keys extends string> = { readonly [Key in Keys]?: unknown };

/** Undefined and null are the empty dictionary; other primitives throw a TypeError. */
export function toDictionary<Keys extends string>(value: unknown, name: string): Dictionary<Keys> {
  if (value === undefined || value === null) return emptyDictionary;
  if (isObject(value)) return value;
  throw new TypeError(`${name}: the options are not an object`);
}

const emptyDictionary: object = { __proto__: null };

/** JavaScript's ToNumber, as WebIDL's numeric types begin: throws for symbols and BigInts. */
export function toNumber(value: unknown): number {
  // The operator converts whatever the value is.
  return typeof value === 'number' ? value : +(value as number);
}

/** WebIDL's `unsigned short`: modulo 65536. */
export function toUnsignedShort(value: unknown): number {
  // The bit operation truncates, wraps, and turns NaN and infinities into 0.
  return toNumber(value) & 0xffff;
}

/** Without the global `Boolean`, which worker code may replace. */
export function toBoolean(value: unknown): boolean {
  return value ? true : false;
}
