import {
  ArrayBufferIsView,
  ArrayBufferPrototypeByteLength,
  ArrayBufferPrototypeDetached,
  DataViewPrototypeBuffer,
  DataViewPrototypeByteLength,
  DataViewPrototypeByteOffset,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeByteOffset,
  TypedArrayPrototypeToStringTag,
  Uint8Array,
  Uint8ArrayPrototypeSet,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { isObject } from './convert.ts';

/** WebIDL's `BufferSource`: an ArrayBuffer or a view on one. */
export type BufferSource = ArrayBuffer | ArrayBufferView;

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (!isObject(value)) return false;
  try {
    // The getter throws for anything else, also for a SharedArrayBuffer.
    ArrayBufferPrototypeByteLength(value);
    return true;
  } catch {
    return false;
  }
}

export function isBufferSource(value: unknown): value is BufferSource {
  return ArrayBufferIsView(value) || isArrayBuffer(value);
}

export function isUint8Array(value: unknown): value is Uint8Array<ArrayBuffer> {
  return TypedArrayPrototypeToStringTag(value) === 'Uint8Array';
}

/** The bytes in place: later changes of the source show. Empty when the buffer is detached. */
export function viewBytes(source: BufferSource): Uint8Array<ArrayBuffer> {
  if (!ArrayBufferIsView(source)) {
    return ArrayBufferPrototypeDetached(source) ? new Uint8Array(0) : new Uint8Array(source);
  }
  if (TypedArrayPrototypeToStringTag(source) === undefined) return viewDataView(source);
  const buffer = TypedArrayPrototypeBuffer(source);
  if (ArrayBufferPrototypeDetached(buffer)) return new Uint8Array(0);
  const byteLength = TypedArrayPrototypeByteLength(source);
  return new Uint8Array(buffer, TypedArrayPrototypeByteOffset(source), byteLength);
}

/** The bytes in a buffer of their own, exactly as long. */
export function copyBytes(source: BufferSource): Uint8Array<ArrayBuffer> {
  // Unlike `slice`, this does not ask a patchable `constructor`.
  return new Uint8Array(viewBytes(source));
}

/** A view on some of the bytes; unlike the method, this does not ask a patchable `constructor`. */
export function subarray(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const at = TypedArrayPrototypeByteOffset(bytes) + start;
  return new Uint8Array(TypedArrayPrototypeBuffer(bytes), at, end - start);
}

/** A buffer with exactly these bytes: the array's own if it fills it, else a copy. */
export function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const buffer = TypedArrayPrototypeBuffer(bytes);
  const isWhole = TypedArrayPrototypeByteLength(bytes) === ArrayBufferPrototypeByteLength(buffer);
  return isWhole ? buffer : TypedArrayPrototypeBuffer(new Uint8Array(bytes));
}

/** One array with the bytes of all; the only one itself if it fills its buffer. */
export function concatBytes(parts: List<Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> {
  const first = parts[0];
  if (parts.length === 1 && first !== undefined) {
    return new Uint8Array(exactBuffer(first));
  }
  let length = 0;
  for (let i = 0; i < parts.length; i += 1) length += TypedArrayPrototypeByteLength(parts[i]);
  const whole = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (part === undefined) continue;
    Uint8ArrayPrototypeSet(whole, part, at);
    at += TypedArrayPrototypeByteLength(part);
  }
  return whole;
}

function viewDataView(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const buffer = DataViewPrototypeBuffer(view);
  if (ArrayBufferPrototypeDetached(buffer)) return new Uint8Array(0);
  const byteLength = DataViewPrototypeByteLength(view);
  return new Uint8Array(buffer, DataViewPrototypeByteOffset(view), byteLength);
}

/** Where a view lies, without asking its patchable properties. */
export interface ViewExtent {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export function extentOf(view: ArrayBufferView): ViewExtent {
  if (TypedArrayPrototypeToStringTag(view) !== undefined) {
    return {
      buffer: TypedArrayPrototypeBuffer(view),
      byteOffset: TypedArrayPrototypeByteOffset(view),
      byteLength: TypedArrayPrototypeByteLength(view),
    };
  }
  const buffer = DataViewPrototypeBuffer(view);
  // The other getters throw when the buffer is detached.
  if (ArrayBufferPrototypeDetached(buffer)) return { buffer, byteOffset: 0, byteLength: 0 };
  return {
    buffer,
    byteOffset: DataViewPrototypeByteOffset(view),
    byteLength: DataViewPrototypeByteLength(view),
  };
}
