import {
  ArrayIsArray,
  BigIntPrototypeToString,
  DatePrototypeGetTime,
  DatePrototypeToISOString,
  FunctionPrototypeToString,
  JSONStringify,
  ObjectGetPrototypeOf,
  ObjectHasOwn,
  ObjectPrototypeToString,
  ReflectGetOwnPropertyDescriptor,
  RegExpPrototypeExec,
  RegExpPrototypeToString,
  String,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  SymbolPrototypeToString,
  TypedArrayPrototypeLength,
} from '../primordials.ts';
import { isArrayBuffer, viewBytes } from '../webidl/buffer-source.ts';

const maxStringLength = 10_000;
const maxClassDepth = 10;
const plainKey = /^[A-Za-z_$][\w$]*$/;

export function describePrimitive(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'symbol') return SymbolPrototypeToString(value);
  if (typeof value === 'bigint') return `${BigIntPrototypeToString(value)}n`;
  // Both zeros compare equal; only one is written as 0.
  if (value === 0 && 1 / value < 0) return '-0';
  return String(value);
}

export function describeKey(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${SymbolPrototypeToString(key)}]`;
  return RegExpPrototypeExec(plainKey, key) === null ? quote(key) : key;
}

export function describeFunction(value: object): string {
  const source = FunctionPrototypeToString(value);
  const kind = StringPrototypeStartsWith(source, 'class') ? 'class' : 'Function';
  const name = dataProperty(value, 'name');
  const label = typeof name === 'string' && name !== '' ? name : undefined;
  if (kind === 'class') return `[class ${label ?? '(anonymous)'}]`;
  return label === undefined ? '[Function (anonymous)]' : `[Function: ${label}]`;
}

/** The name of the class, without running getters; undefined without a prototype. */
export function classNameOf(value: object): string | undefined {
  let prototype: object | null = ObjectGetPrototypeOf(value);
  for (let i = 0; i < maxClassDepth && prototype !== null; i += 1) {
    const constructor = dataProperty(prototype, 'constructor');
    if (typeof constructor === 'function') {
      const name = dataProperty(constructor, 'name');
      if (typeof name === 'string' && name !== '') return name;
    }
    prototype = ObjectGetPrototypeOf(prototype);
  }
  return undefined;
}

/** Objects that say more as text than by their properties; undefined for others. */
export function describeSpecial(value: object, name: string | undefined): string | undefined {
  const tag = ObjectPrototypeToString(value);
  try {
    if (tag === '[object Date]') {
      const time = DatePrototypeGetTime(value);
      // Invalid dates have no ISO form.
      return time === time ? DatePrototypeToISOString(value) : 'Invalid Date';
    }
    if (tag === '[object RegExp]') return RegExpPrototypeToString(value);
  } catch {
    // Only its Symbol.toStringTag says so.
  }
  if (isArrayBuffer(value))
    return `ArrayBuffer { byteLength: ${TypedArrayPrototypeLength(viewBytes(value))} }`;
  return tag === '[object Promise]' ? `${name ?? 'Promise'} {}` : undefined;
}

/** Length of an array or a typed array. */
export function itemCountOf(value: object): number {
  if (!ArrayIsArray(value)) return TypedArrayPrototypeLength(value);
  // The length of an array is its own data property; a proxy of one may say anything.
  const length = dataProperty(value, 'length');
  return typeof length === 'number' ? length : 0;
}

function dataProperty(owner: object, key: string): unknown {
  const descriptor = ReflectGetOwnPropertyDescriptor(owner, key);
  // An accessor's descriptor has no value of its own.
  return descriptor !== undefined && ObjectHasOwn(descriptor, 'value')
    ? descriptor.value
    : undefined;
}

function quote(text: string): string {
  const isLong = text.length > maxStringLength;
  const shown = isLong ? StringPrototypeSlice(text, 0, maxStringLength) : text;
  const rest = isLong ? `... ${text.length - maxStringLength} more characters` : '';
  return `${JSONStringify(shown)}${rest}`;
}
