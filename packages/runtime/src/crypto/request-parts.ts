import {
  newList,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  Uint8Array,
  Uint8ArrayPrototypeSet,
  type List,
} from '../primordials.ts';
import { copyBytes, viewBytes, type BufferSource } from '../webidl/buffer-source.ts';

/** The byte sequences of one request to the sandbox, which cross in one buffer. */
export class RequestParts {
  readonly #parts = newList<Uint8Array>();
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The lengths of the parts, for JSON. */
  get lengths(): List<number> {
    const lengths = newList<number>();
    for (let i = 0; i < this.#parts.length; i += 1) {
      lengths[i] = TypedArrayPrototypeByteLength(this.#parts[i]);
    }
    return lengths;
  }

  /** Copies the bytes; answers the number of the part. */
  addCopy(source: BufferSource): number {
    return this.#add(copyBytes(source));
  }

  /** As {@link addCopy} without the copy: no code of the worker may run until {@link pack}. */
  addLast(source: BufferSource): number {
    return this.#add(viewBytes(source));
  }

  pack(): ArrayBuffer {
    const whole = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (let i = 0; i < this.#parts.length; i += 1) {
      const part = this.#parts[i];
      if (part === undefined) continue;
      Uint8ArrayPrototypeSet(whole, part, at);
      at += TypedArrayPrototypeByteLength(part);
    }
    return TypedArrayPrototypeBuffer(whole);
  }

  #add(bytes: Uint8Array): number {
    this.#parts[this.#parts.length] = bytes;
    this.#sizeBytes += TypedArrayPrototypeByteLength(bytes);
    return this.#parts.length - 1;
  }
}
