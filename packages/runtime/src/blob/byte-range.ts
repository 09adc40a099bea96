import { TypedArrayPrototypeBuffer, Uint8Array } from '../primordials.ts';

/** A part of bytes that never change; slices share them. */
export class ByteRange {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #start: number;
  readonly length: number;

  /** Takes over the bytes: nobody else may change them. */
  constructor(bytes: Uint8Array<ArrayBuffer>, start: number, length: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.length = length;
  }

  /** The bytes in place, to be read only. */
  view(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(TypedArrayPrototypeBuffer(this.#bytes), this.#start, this.length);
  }

  /** A copy of the bytes in a buffer of exactly their length. */
  copy(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view());
  }

  slice(start: number, end: number): ByteRange {
    return new ByteRange(this.#bytes, this.#start + start, end - start);
  }
}
