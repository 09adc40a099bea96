import {
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
  Uint8ArrayPrototypeSet,
} from '../primordials.ts';

/** Bytes that wait for those after them. */
export class HeldBytes {
  #bytes: Uint8Array | undefined = undefined;
  #length = 0;

  /** The held bytes followed by the first `length` of these; nothing is held afterwards. */
  join(bytes: Uint8Array, length: number): { bytes: Uint8Array; length: number } {
    if (this.#bytes === undefined) return { bytes, length };
    const joined = new Uint8Array(this.#length + length);
    Uint8ArrayPrototypeSet(joined, this.#bytes, 0);
    Uint8ArrayPrototypeSet(joined, part(bytes, 0, length), this.#length);
    this.#bytes = undefined;
    return { bytes: joined, length: this.#length + length };
  }

  /** Holds a copy of the bytes from `start` to `end`. */
  hold(bytes: Uint8Array, start: number, end: number): void {
    this.#length = end - start;
    this.#bytes = this.#length === 0 ? undefined : new Uint8Array(part(bytes, start, end));
  }
}

function part(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const offset = TypedArrayPrototypeByteOffset(bytes) + start;
  return new Uint8Array(TypedArrayPrototypeBuffer(bytes), offset, end - start);
}
