import {
  ArrayBuffer,
  BigInt,
  BigIntPrototypeValueOf,
  Boolean,
  BooleanPrototypeValueOf,
  Date,
  DatePrototypeGetTime,
  Map,
  MapPrototypeSize,
  Number,
  NumberPrototypeValueOf,
  Object,
  ObjectGetPrototypeOf,
  Promise,
  RegExp,
  RegExpPrototypeSource,
  Set,
  SetPrototypeSize,
  String,
  StringPrototypeValueOf,
  WeakMap,
  WeakRef,
  WeakSet,
} from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';
import { isInterfacePrototype } from '../webidl/define-interface.ts';

/** How structured cloning treats an object that is no array, view, error or platform object. */
export type Treatment =
  | { readonly kind: 'buffer' | 'map' | 'properties' | 'refused' | 'set' }
  | { readonly kind: 'leaf'; readonly restore: () => object };

/** Answers undefined, or throws, for an object that only inherits from the prototype. */
type Inspect = (value: object) => Treatment | undefined;

// A worker can change the objects, but not which they are.
const prototypes = {
  arrayBuffer: ArrayBuffer.prototype,
  bigint: BigInt.prototype,
  boolean: Boolean.prototype,
  date: Date.prototype,
  map: Map.prototype,
  number: Number.prototype,
  object: Object.prototype,
  promise: Promise.prototype,
  regexp: RegExp.prototype,
  set: Set.prototype,
  string: String.prototype,
  weakMap: WeakMap.prototype,
  weakRef: WeakRef.prototype,
  weakSet: WeakSet.prototype,
};

const properties: Treatment = { kind: 'properties' };
const refused: Treatment = { kind: 'refused' };

let inspectors: SafeMap<object, Inspect> | undefined;

/**
 * Finds out by the prototypes of the object, and makes sure by its internal slots: asking every
 * built-in for its slots would throw and catch a dozen errors for each object.
 */
export function classify(value: object): Treatment {
  inspectors ??= createInspectors();
  let prototype: object | null = ObjectGetPrototypeOf(value);
  while (prototype !== null && prototype !== prototypes.object) {
    if (isInterfacePrototype(prototype)) return refused;
    const treatment = inspect(inspectors.get(prototype), value);
    if (treatment !== undefined) return treatment;
    prototype = ObjectGetPrototypeOf(prototype);
  }
  return properties;
}

function inspect(inspector: Inspect | undefined, value: object): Treatment | undefined {
  if (inspector === undefined) return undefined;
  try {
    return inspector(value);
  } catch {
    // The getter or method of the built-in wants another receiver.
    return undefined;
  }
}

function createInspectors(): SafeMap<object, Inspect> {
  const map = new SafeMap<object, Inspect>();
  map.set(prototypes.date, (value) => {
    const time = DatePrototypeGetTime(value);
    return { kind: 'leaf', restore: () => new Date(time) };
  });
  map.set(prototypes.regexp, (value) => {
    // Throws for what is no RegExp.
    void RegExpPrototypeSource(value);
    // Takes the pattern and flags from the internal slots; its `lastIndex` is 0.
    const copy = new RegExp(value as RegExp);
    return { kind: 'leaf', restore: () => copy };
  });
  map.set(prototypes.boolean, (value) => boxed(BooleanPrototypeValueOf(value)));
  map.set(prototypes.number, (value) => boxed(NumberPrototypeValueOf(value)));
  map.set(prototypes.string, (value) => boxed(StringPrototypeValueOf(value)));
  map.set(prototypes.bigint, (value) => boxed(BigIntPrototypeValueOf(value)));
  map.set(prototypes.map, (value) => (MapPrototypeSize(value) >= 0 ? { kind: 'map' } : undefined));
  map.set(prototypes.set, (value) => (SetPrototypeSize(value) >= 0 ? { kind: 'set' } : undefined));
  map.set(prototypes.arrayBuffer, (value) =>
    isArrayBuffer(value) ? { kind: 'buffer' } : undefined,
  );
  map.set(prototypes.promise, () => refused);
  map.set(prototypes.weakMap, () => refused);
  map.set(prototypes.weakRef, () => refused);
  map.set(prototypes.weakSet, () => refused);
  return map;
}

function boxed(value: boolean | number | string | bigint): Treatment {
  return { kind: 'leaf', restore: () => Object(value) as object };
}
