/* oxlint-disable typescript/unbound-method -- capturing unbound methods is what this file is for */
/*
 * The language's own functions, captured while the isolate boots, before the worker's first line.
 * Worker code shares the realm with the runtime: it may replace `Array.prototype.push`, add a
 * getter to `Object.prototype` or patch an iterator. Runtime code therefore
 *  - calls these captured functions, never a method of a built-in;
 *  - walks arrays with an index (`for…of`, spread and array patterns use patchable iterators);
 *  - collects values in a {@link List}, which no setter on `Array.prototype` can observe;
 *  - gives built-ins only options and property descriptors that have no prototype;
 *  - reads characters with `StringPrototypeCharAt`: beyond its end, an index on a string asks
 *    `Object.prototype`.
 */

/*
 * Constructors, under their own names: a file that imports them cannot reach the global that
 * worker code may have replaced.
 */
export const {
  Array,
  ArrayBuffer,
  BigInt,
  BigInt64Array,
  BigUint64Array,
  Boolean,
  DataView,
  Date,
  Error,
  EvalError,
  Float16Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Map,
  Number,
  Object,
  Promise,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  SyntaxError,
  TypeError,
  URIError,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
  WeakMap,
  WeakRef,
  WeakSet,
} = globalThis;

/** Turns a method into a function that takes its `this` as first argument. */
export const uncurryThis: <This, Arguments extends unknown[], Result>(
  method: (this: This, ...args: Arguments) => Result,
) => (self: This, ...args: Arguments) => Result =
  // TypeScript has no type for `bind.bind(call)`; the annotation says what it does.
  Function.prototype.bind.bind(Function.prototype.call) as never;

/** The getter of an accessor property as a function of its `this`. */
function uncurryGetter<Result>(
  prototype: object,
  name: string | symbol,
): (self: unknown) => Result {
  const getter = Reflect.getOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new TypeError(`no getter ${String(name)}`);
  return uncurryThis(getter);
}

/** What iterators of built-ins and of async generators inherit from. */
export const IteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
);
const asyncGeneratorFunctionPrototype: object = Object.getPrototypeOf(async function* () {});
export const AsyncIteratorPrototype: object = Object.getPrototypeOf(
  Reflect.get(asyncGeneratorFunctionPrototype, 'prototype'),
);

/** An array without prototype: storing at `list[list.length]` reaches no code of the worker. */
export interface List<Item> {
  length: number;
  [index: number]: Item;
}

/** Its prototype has no prototype and no methods; measured as fast as `[]`, unlike `setPrototypeOf`. */
class PlainList extends Array<never> {
  constructor() {
    super();
  }
}
Reflect.deleteProperty(PlainList.prototype, 'constructor');
Object.setPrototypeOf(PlainList.prototype, null);

/** An empty {@link List}. It has no methods; append with `list[list.length] = item`. */
export function newList<Item>(): List<Item> {
  return new PlainList();
}

/** A new array with the items of the list, to hand it to worker code. */
export const listToArray: <Item>(list: List<Item>) => Item[] =
  // Lists have no `constructor`, so that `slice` makes a plain array.
  uncurryThis(Array.prototype.slice) as never;

export const {
  defineProperty: ObjectDefineProperty,
  freeze: ObjectFreeze,
  getPrototypeOf: ObjectGetPrototypeOf,
  hasOwn: ObjectHasOwn,
  keys: ObjectKeys,
  setPrototypeOf: ObjectSetPrototypeOf,
} = Object;
export const {
  apply: ReflectApply,
  construct: ReflectConstruct,
  deleteProperty: ReflectDeleteProperty,
  get: ReflectGet,
  getOwnPropertyDescriptor: ReflectGetOwnPropertyDescriptor,
  has: ReflectHas,
  ownKeys: ReflectOwnKeys,
} = Reflect;

export const { isArray: ArrayIsArray } = Array;
export const ArrayPrototypeJoin = uncurryThis(Array.prototype.join);

/** Sorts in place. */
export const ArrayPrototypeSort: <Item>(
  list: List<Item>,
  compare: (a: Item, b: Item) => number,
) => void =
  // Uncurrying loses the type parameter of the method.
  uncurryThis(Array.prototype.sort) as never;

export const { fromCharCode: StringFromCharCode } = String;
/** The empty string outside of the text, where an index would look at `String.prototype`. */
export const StringPrototypeCharAt: (text: string, index: number) => string = uncurryThis(
  String.prototype.charAt,
);
export const StringPrototypeCharCodeAt: (text: string, index: number) => number = uncurryThis(
  String.prototype.charCodeAt,
);
export const StringPrototypeIndexOf: (text: string, search: string, from?: number) => number =
  uncurryThis(String.prototype.indexOf);
export const StringPrototypeLastIndexOf: (text: string, search: string, from?: number) => number =
  uncurryThis(String.prototype.lastIndexOf);
export const StringPrototypeSlice: (text: string, start?: number, end?: number) => string =
  uncurryThis(String.prototype.slice);
export const StringPrototypeStartsWith: (text: string, search: string, at?: number) => boolean =
  uncurryThis(String.prototype.startsWith);
export const StringPrototypeToLowerCase: (text: string) => string = uncurryThis(
  String.prototype.toLowerCase,
);
export const StringPrototypeToWellFormed: (text: string) => string = uncurryThis(
  String.prototype.toWellFormed,
);
export const NumberPrototypeToString: (value: number, radix?: number) => string = uncurryThis(
  Number.prototype.toString,
);

export const ObjectPrototypeToString: (self: unknown) => string = uncurryThis(
  Object.prototype.toString,
);
export const FunctionPrototypeToString: (self: unknown) => string = uncurryThis(
  Function.prototype.toString,
);
export const { parse: JSONParse, stringify: JSONStringify } = JSON;
export const { floor: MathFloor, max: MathMax, min: MathMin, trunc: MathTrunc } = Math;
export const { now: DateNow } = Date;
export const DatePrototypeToISOString: (self: object) => string = uncurryThis(
  Date.prototype.toISOString,
);
export const DatePrototypeGetTime: (self: object) => number = uncurryThis(Date.prototype.getTime);
export const StringPrototypeRepeat: (text: string, count: number) => string = uncurryThis(
  String.prototype.repeat,
);
export const StringPrototypePadEnd: (text: string, length: number, fill?: string) => string =
  uncurryThis(String.prototype.padEnd);
export const StringPrototypeToUpperCase: (text: string) => string = uncurryThis(
  String.prototype.toUpperCase,
);
export const StringPrototypeSplit: (text: string, separator: string) => string[] = uncurryThis(
  // The overloads differ only in what the separator may be.
  String.prototype.split as (separator: string) => string[],
);
/** Reads nothing but `lastIndex` and the compiled pattern of the RegExp itself. */
export const RegExpPrototypeExec: (self: RegExp, text: string) => RegExpExecArray | null =
  uncurryThis(RegExp.prototype.exec);
export const RegExpPrototypeToString: (self: object) => string = uncurryThis(
  RegExp.prototype.toString,
);
export const SymbolPrototypeToString: (self: symbol) => string = uncurryThis(
  Symbol.prototype.toString,
);
export const {
  asyncIterator: SymbolAsyncIterator,
  iterator: SymbolIterator,
  toStringTag: SymbolToStringTag,
} = Symbol;

const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);
export const { isView: ArrayBufferIsView } = ArrayBuffer;
/** Throws when the value is no ArrayBuffer. */
export const ArrayBufferPrototypeByteLength = uncurryGetter<number>(
  ArrayBuffer.prototype,
  'byteLength',
);
export const ArrayBufferPrototypeDetached = uncurryGetter<boolean>(
  ArrayBuffer.prototype,
  'detached',
);
/** Moves the bytes into a buffer of its own; the old one is detached. */
export const ArrayBufferPrototypeTransfer: (self: ArrayBuffer) => ArrayBuffer = uncurryThis(
  ArrayBuffer.prototype.transfer,
);
/** The name of the typed array's class; undefined for any other value. */
export const TypedArrayPrototypeToStringTag = uncurryGetter<string | undefined>(
  typedArrayPrototype,
  Symbol.toStringTag,
);
export const TypedArrayPrototypeBuffer = uncurryGetter<ArrayBuffer>(typedArrayPrototype, 'buffer');
export const TypedArrayPrototypeByteOffset = uncurryGetter<number>(
  typedArrayPrototype,
  'byteOffset',
);
export const TypedArrayPrototypeByteLength = uncurryGetter<number>(
  typedArrayPrototype,
  'byteLength',
);
export const TypedArrayPrototypeLength = uncurryGetter<number>(typedArrayPrototype, 'length');
export const TypedArrayPrototypeIndexOf: (self: Uint8Array, byte: number, from: number) => number =
  uncurryThis(Uint8Array.prototype.indexOf);
/** Copies the bytes of the source into the target at the offset. */
export const Uint8ArrayPrototypeSet: (
  self: Uint8Array,
  source: Uint8Array,
  offset?: number,
) => void = uncurryThis(Uint8Array.prototype.set);
export const DataViewPrototypeBuffer = uncurryGetter<ArrayBuffer>(DataView.prototype, 'buffer');
export const DataViewPrototypeByteOffset = uncurryGetter<number>(DataView.prototype, 'byteOffset');
export const DataViewPrototypeByteLength = uncurryGetter<number>(DataView.prototype, 'byteLength');
export const WeakRefPrototypeDeref: <T extends WeakKey>(self: WeakRef<T>) => T | undefined =
  // Uncurrying loses the type parameter of the class.
  uncurryThis(WeakRef.prototype.deref) as never;
export const BigIntPrototypeToString: (value: bigint) => string = uncurryThis(
  BigInt.prototype.toString,
);
/** Tells errors, of any realm, from objects that inherit from one. */
export const { isError: ErrorIsError } = Error;
export const MapPrototypeForEach: (
  self: unknown,
  callback: (value: unknown, key: unknown) => void,
) => void = uncurryThis(Map.prototype.forEach);
/** Throws when the value is no Map. */
export const MapPrototypeSize = uncurryGetter<number>(Map.prototype, 'size');
export const SetPrototypeForEach: (self: unknown, callback: (value: unknown) => void) => void =
  uncurryThis(Set.prototype.forEach);
/** Throws when the value is no Set. */
export const SetPrototypeSize = uncurryGetter<number>(Set.prototype, 'size');
export const globalObject: typeof globalThis = globalThis;
export const { fromBase64: Uint8ArrayFromBase64, fromHex: Uint8ArrayFromHex } = Uint8Array;
export const Uint8ArrayPrototypeToBase64: (self: Uint8Array) => string = uncurryThis(
  Uint8Array.prototype.toBase64,
);
export const Uint8ArrayPrototypeToHex: (self: Uint8Array) => string = uncurryThis(
  Uint8Array.prototype.toHex,
);
export const RegExpPrototypeSource = uncurryGetter<string>(RegExp.prototype, 'source');
export const BooleanPrototypeValueOf: (self: unknown) => boolean = uncurryThis(
  Boolean.prototype.valueOf,
);
export const NumberPrototypeValueOf: (self: unknown) => number = uncurryThis(
  Number.prototype.valueOf,
);
export const StringPrototypeValueOf: (self: unknown) => string = uncurryThis(
  String.prototype.valueOf,
);
export const BigIntPrototypeValueOf: (self: unknown) => bigint = uncurryThis(
  BigInt.prototype.valueOf,
);
export const MapPrototypeSet: (self: unknown, key: unknown, value: unknown) => unknown =
  uncurryThis(Map.prototype.set);
export const SetPrototypeAdd: (self: unknown, item: unknown) => unknown = uncurryThis(
  Set.prototype.add,
);
