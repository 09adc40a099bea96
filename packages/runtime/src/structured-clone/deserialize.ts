import {
  Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Error,
  EvalError,
  Float16Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Map,
  MapPrototypeSet,
  Object,
  ObjectHasOwn,
  RangeError,
  ReferenceError,
  Set,
  SetPrototypeAdd,
  SyntaxError,
  TypeError,
  URIError,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
} from '../primordials.ts';
import { defineHidden, defineOwn } from './define-property.ts';
import type {
  Serialized,
  SerializedCollection,
  SerializedError,
  SerializedObject,
  SerializedProperties,
  SerializedView,
} from './serialized.ts';

type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => object;

const viewConstructors: Readonly<Record<string, ViewConstructor>> = {
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float16Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
};
const errorConstructors: Readonly<Record<string, new (message?: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const { prototype: arrayPrototype } = Array;
const { prototype: objectPrototype } = Object;

/** https://html.spec.whatwg.org/#structureddeserialize; a value can be deserialised once. */
export function deserialize(value: Serialized): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return value.restored ?? restore(value);
}

/** Every record knows its object before those within it are restored: they may refer to it. */
function restore(record: SerializedObject): object {
  switch (record.kind) {
    case 'leaf':
      return (record.restored = record.restore());
    case 'move':
      if (record.restore === undefined) throw new TypeError('The object was not transferred');
      return (record.restored = record.restore());
    case 'buffer':
      if (record.buffer === undefined) throw new TypeError('The buffer was not transferred');
      return (record.restored = record.buffer);
    case 'view':
      return (record.restored = restoreView(record));
    case 'error':
      return restoreError(record);
    case 'map':
      return restoreMap(record);
    case 'set':
      return restoreSet(record);
    case 'array':
    case 'object':
      return restoreProperties(record);
  }
}

function restoreView({ name, buffer, byteOffset, length }: SerializedView): object {
  const View = viewConstructors[name];
  const bytes = buffer.restored ?? restore(buffer);
  if (View === undefined || buffer.kind !== 'buffer') throw new TypeError('Not a view');
  // The record of a buffer restores an ArrayBuffer.
  return new View(bytes as ArrayBuffer, byteOffset, length);
}

function restoreError(record: SerializedError): object {
  const { name, message, stack } = record;
  const found = ObjectHasOwn(errorConstructors, name) ? errorConstructors[name] : undefined;
  const error = found === undefined ? new Error(message) : new found(message);
  record.restored = error;
  if (stack !== undefined) defineHidden(error, 'stack', stack);
  if (record.hasCause) defineHidden(error, 'cause', deserialize(record.cause));
  return error;
}

function restoreMap(record: SerializedCollection): object {
  const map = new Map<unknown, unknown>();
  record.restored = map;
  const { items } = record;
  for (let i = 0; i < items.length; i += 2) {
    const key = deserialize(items[i]);
    MapPrototypeSet(map, key, deserialize(items[i + 1]));
  }
  return map;
}

function restoreSet(record: SerializedCollection): object {
  const set = new Set<unknown>();
  record.restored = set;
  for (let i = 0; i < record.items.length; i += 1)
    SetPrototypeAdd(set, deserialize(record.items[i]));
  return set;
}

function restoreProperties(record: SerializedProperties): object {
  const array: unknown[] = [];
  const isArray = record.kind === 'array';
  const target: object = isArray ? array : {};
  if (isArray) array.length = record.length;
  record.restored = target;
  const prototype = isArray ? arrayPrototype : objectPrototype;
  const { keys, values } = record;
  for (let i = 0; i < keys.length; i += 1) {
    defineOwn(target, prototype, keys[i] ?? '', deserialize(values[i]));
  }
  return target;
}
