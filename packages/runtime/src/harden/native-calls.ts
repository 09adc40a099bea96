/* oxlint-disable typescript/unbound-method -- methods are taken off their objects: as natives, they are no constructors */
import { call, replaceMethod, type Native } from './replace.ts';

/**
 * V8 looks whether it must stop when a JavaScript function is entered, and in loops only now and
 * then. A loop around one native call of some milliseconds therefore runs on for seconds after the
 * isolate was disposed (measured: `JSON.parse` of 200 000 elements, `fill` of 100 MB, `normalize`,
 * `toHex`: over 3 s). A JavaScript function around the native one gives V8 its moment at every call:
 * 1 to 170 ms. Only functions are wrapped that can take long and are not the bread and butter of
 * inner loops.
 */
const slowCalls: readonly (readonly [object, readonly string[]])[] = [
  [JSON, ['stringify']],
  [globalThis, ['escape', 'unescape']],
  [String.prototype, ['isWellFormed', 'localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase']],
  [String.prototype, ['toLowerCase', 'toUpperCase', 'toWellFormed']],
  [BigInt, ['asIntN', 'asUintN']],
  [BigInt.prototype, ['toLocaleString', 'toString']],
  [
    Reflect.getPrototypeOf(Uint8Array.prototype) ?? {},
    ['copyWithin', 'fill', 'includes', 'indexOf'],
  ],
  [Reflect.getPrototypeOf(Uint8Array.prototype) ?? {}, ['join', 'lastIndexOf', 'reverse', 'set']],
  [Reflect.getPrototypeOf(Uint8Array.prototype) ?? {}, ['slice', 'sort', 'toReversed', 'toSorted']],
  [ArrayBuffer.prototype, ['slice', 'transfer', 'transferToFixedLength']],
  [Uint8Array, ['fromBase64', 'fromHex']],
  [Uint8Array.prototype, ['setFromBase64', 'setFromHex', 'toBase64', 'toHex']],
];

/** Native calls on a text (`this`) that build lists or copies of it. */
const textMethods = ['match', 'matchAll', 'normalize', 'replace', 'replaceAll', 'split'];
/** Functions of a text (first argument). */
const textFunctions: readonly (readonly [object, readonly string[]])[] = [
  [globalThis, ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent']],
  [JSON, ['parse']],
];
/** Native calls that walk a list (`this`), whatever its length says. */
const listMethods = ['copyWithin', 'fill', 'flat', 'lastIndexOf', 'reverse', 'sort', 'toSorted'];

/**
 * More characters than fit into an isolate together with anything made of them. V8's own limit is
 * 2 ** 29, and such a string costs nothing as long as nobody looks: `'a'.repeat(2 ** 28)`. The list
 * of its parts (`split('')`, `match(/a/g)`) aborts the process: "Fatal JavaScript invalid size error",
 * an array of V8 holds 2 ** 27 elements.
 */
const longestText = 2 ** 26;
/** More elements than fit into the memory limit. */
const longestList = 2 ** 24;

/** Makes long native calls interruptible, and refuses single ones that are too large to ever end. */
export function hardenNativeCalls(): void {
  replaceAll(slowCalls, makeInterruptible);
  replaceAll([[String.prototype, textMethods]], makeTextMethod);
  replaceAll(textFunctions, makeTextFunction);
  replaceAll([[Array.prototype, listMethods]], makeListMethod);
  replaceMethod(Array, 'from', makeListFunction);
}

function replaceAll(
  table: readonly (readonly [object, readonly string[]])[],
  make: (original: Native) => Native,
): void {
  for (const [target, names] of table) {
    for (const name of names) replaceMethod(target, name, make);
  }
}

function makeInterruptible(original: Native): Native {
  return {
    method(this: unknown): unknown {
      return call(original, this, arguments);
    },
  }.method;
}

function makeTextMethod(original: Native): Native {
  return {
    method(this: unknown): unknown {
      if (typeof this === 'string' && this.length > longestText) refuseText();
      return call(original, this, arguments);
    },
  }.method;
}

function makeTextFunction(original: Native): Native {
  return {
    method(this: unknown, text: unknown): unknown {
      if (typeof text === 'string' && text.length > longestText) refuseText();
      return call(original, this, arguments);
    },
  }.method;
}

function makeListMethod(original: Native): Native {
  return {
    method(this: unknown): unknown {
      if (isTooLong(this)) refuseList();
      return call(original, this, arguments);
    },
  }.method;
}

function makeListFunction(original: Native): Native {
  return {
    method(this: unknown, items: unknown): unknown {
      if (typeof items === 'string' ? items.length > longestText : isTooLong(items)) refuseList();
      return call(original, this, arguments);
    },
  }.method;
}

function isTooLong(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { length } = value as { length?: unknown };
  return typeof length === 'number' && length > longestList;
}

function refuseText(): never {
  throw new RangeError('Invalid string length');
}

function refuseList(): never {
  throw new RangeError('Invalid array length');
}
