import {
  ArrayIsArray,
  ErrorIsError,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  String,
  StringPrototypeIndexOf,
  TypedArrayPrototypeToStringTag,
} from '../primordials.ts';
import { SafeSet } from '../safe-collections.ts';
import { isObject } from '../webidl/convert.ts';
import { entriesOf } from './collection-entries.ts';
import {
  classNameOf,
  describeFunction,
  describeKey,
  describePrimitive,
  describeSpecial,
  itemCountOf,
} from './describe.ts';
import { indentLines } from './indent-lines.ts';

/** Bounds of what is written about one value. */
const maxDepth = 4;
const maxItems = 100;
const maxLineLength = 76;

/** Writes values as text for people. Getters are not run; proxies' traps are. */
class Inspector {
  /** Characters that may still be written: bounds wide objects that depth does not bound. */
  #budget: number;
  readonly #ancestors = new SafeSet<object>();

  constructor(budget: number) {
    this.#budget = budget;
  }

  value(value: unknown, depth: number): string {
    const text = isObject(value) ? this.#object(value, depth) : describePrimitive(value);
    this.#budget -= text.length;
    return text;
  }

  #object(value: object, depth: number): string {
    if (this.#ancestors.has(value)) return '[Circular]';
    try {
      if (ErrorIsError(value)) return this.#error(value, depth);
      if (typeof value === 'function') return describeFunction(value);
      const name = classNameOf(value);
      const special = describeSpecial(value, name);
      if (special !== undefined) return special;
      if (depth >= maxDepth) return ArrayIsArray(value) ? '[Array]' : `[${name ?? 'Object'}]`;
      this.#ancestors.add(value);
      const text = this.#contents(value, name, depth + 1);
      this.#ancestors.delete(value);
      return text;
    } catch {
      this.#ancestors.delete(value);
      return '[an object that cannot be inspected]';
    }
  }

  #contents(value: object, name: string | undefined, depth: number): string {
    const parts = new Parts();
    if (ArrayIsArray(value) || TypedArrayPrototypeToStringTag(value) !== undefined) {
      this.#items(value, parts, depth);
      const { length } = parts;
      const prefix = name === 'Array' ? '' : `${name ?? 'Array'}(${itemCountOf(value)}) `;
      return length === 0 ? `${prefix}[]` : `${prefix}[${parts.join()}]`;
    }
    const size = this.#entries(value, parts, depth);
    this.#properties(value, parts, depth);
    const label = name === undefined ? '[Object: null prototype]' : name;
    const prefix = name === 'Object' ? '' : `${label}${size === undefined ? '' : `(${size})`} `;
    return parts.length === 0 ? `${prefix}{}` : `${prefix}{${parts.join()}}`;
  }

  #items(value: object, parts: Parts, depth: number): void {
    const length = itemCountOf(value);
    for (let i = 0; i < length; i += 1) {
      if (i === maxItems || this.#budget <= 0) {
        parts.add(`... ${length - i} more items`);
        return;
      }
      const descriptor = ReflectGetOwnPropertyDescriptor(value, i);
      parts.add(descriptor === undefined ? '<empty>' : this.#described(descriptor, depth));
    }
  }

  /** Of a Map or Set; their size. */
  #entries(value: object, parts: Parts, depth: number): number | undefined {
    const entries = entriesOf(value, maxItems);
    if (entries === undefined) return undefined;
    for (let i = 0; i < entries.items.length && this.#budget > 0; i += 1) {
      const item = entries.items[i];
      if (item === undefined) continue;
      const key = this.value(item.key, depth);
      parts.add(item.hasValue ? `${key} => ${this.value(item.value, depth)}` : key);
    }
    if (entries.size > entries.items.length) {
      parts.add(`... ${entries.size - entries.items.length} more items`);
    }
    return entries.size;
  }

  #properties(value: object, parts: Parts, depth: number): void {
    const keys = ReflectOwnKeys(value);
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i];
      if (key === undefined) continue;
      if (i === maxItems || this.#budget <= 0) {
        parts.add(`... ${keys.length - i} more properties`);
        return;
      }
      const descriptor = ReflectGetOwnPropertyDescriptor(value, key);
      if (descriptor?.enumerable !== true) continue;
      parts.add(`${describeKey(key)}: ${this.#described(descriptor, depth)}`);
    }
  }

  #described(descriptor: PropertyDescriptor, depth: number): string {
    const { get, set } = { get: undefined, set: undefined, ...descriptor };
    if (get === undefined && set === undefined) return this.value(descriptor.value, depth);
    if (get === undefined) return '[Setter]';
    return set === undefined ? '[Getter]' : '[Getter/Setter]';
  }

  #error(error: Error, depth: number): string {
    const stack: unknown = ReflectGet(error, 'stack');
    const text = typeof stack === 'string' && stack !== '' ? stack : `[${String(error)}]`;
    const cause = ReflectGetOwnPropertyDescriptor(error, 'cause');
    if (cause === undefined || depth >= maxDepth) return text;
    this.#ancestors.add(error);
    const inner = this.#described(cause, depth + 1);
    this.#ancestors.delete(error);
    return `${text}\n  [cause]: ${inner}`;
  }
}

/** The inside of brackets: on one line if that is short. */
class Parts {
  length = 0;
  #line = '';
  #lines = '';

  add(part: string): void {
    this.#line += this.length === 0 ? part : `, ${part}`;
    this.#lines += this.length === 0 ? part : `,\n${part}`;
    this.length += 1;
  }

  join(): string {
    const isShort =
      this.#line.length <= maxLineLength && StringPrototypeIndexOf(this.#line, '\n') < 0;
    return isShort ? ` ${this.#line} ` : `\n${indentLines(this.#lines, '  ')}\n`;
  }
}

/**
 * The value as `console.log` shows it.
 *
 * @param budget About how many characters may be written; the rest is left out.
 */
export function inspect(value: unknown, budget: number): string {
  return new Inspector(budget).value(value, 0);
}
