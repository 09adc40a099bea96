import {
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float16Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  TypedArrayPrototypeToStringTag,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
} from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';

/** How to make a view like another one. */
export interface ViewKind {
  readonly construct: (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;
  readonly elementSize: number;
}

export const uint8Kind: ViewKind = {
  construct: (buffer, byteOffset, length) => new Uint8Array(buffer, byteOffset, length),
  elementSize: 1,
};
const dataViewKind: ViewKind = {
  construct: (buffer, byteOffset, length) => new DataView(buffer, byteOffset, length),
  elementSize: 1,
};

type TypedArrayConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

const kinds = new SafeMap<string, ViewKind>();
add('BigInt64Array', BigInt64Array, 8);
add('BigUint64Array', BigUint64Array, 8);
add('Float16Array', Float16Array, 2);
add('Float32Array', Float32Array, 4);
add('Float64Array', Float64Array, 8);
add('Int16Array', Int16Array, 2);
add('Int32Array', Int32Array, 4);
add('Int8Array', Int8Array, 1);
add('Uint16Array', Uint16Array, 2);
add('Uint32Array', Uint32Array, 4);
add('Uint8ClampedArray', Uint8ClampedArray, 1);
kinds.set('Uint8Array', uint8Kind);

function add(tag: string, Constructor: TypedArrayConstructor, elementSize: number): void {
  const construct: ViewKind['construct'] = (buffer, byteOffset, length) =>
    new Constructor(buffer, byteOffset, length);
  kinds.set(tag, { construct, elementSize });
}

/** The kind of a view; that of a DataView for what is no typed array. */
export function viewKindOf(view: ArrayBufferView): ViewKind {
  const tag = TypedArrayPrototypeToStringTag(view);
  return (tag === undefined ? undefined : kinds.get(tag)) ?? dataViewKind;
}
