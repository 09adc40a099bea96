import { hostSyncOps } from '../boundary.ts';
import { hostSync } from '../dispatch/host.ts';
import {
  RangeError,
  StringPrototypeIndexOf,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
} from '../primordials.ts';
import { HeldBytes } from './held-bytes.ts';
import { incompleteLength } from './multi-byte.ts';
import type { StreamDecoder } from './stream-decoder.ts';

/** What the host decodes in one piece. */
const mostBytes = 65_536;

/** Decodes the encodings that few programs use, whose tables the host has. */
export class HostStreamDecoder implements StreamDecoder {
  readonly #encoding: string;
  readonly #isStrict: boolean;
  readonly #held = new HeldBytes();

  constructor(encoding: string, isStrict: boolean) {
    this.#encoding = encoding;
    this.#isStrict = isStrict;
  }

  decode(given: Uint8Array, givenLength: number, isLast: boolean): string | undefined {
    const { bytes, length } = this.#held.join(given, givenLength);
    const end = isLast ? length : length - incompleteLength(this.#encoding, bytes, 0, length);
    this.#held.hold(bytes, end, length);
    let text = '';
    for (let start = 0; start < end;) {
      const partEnd = this.#partEnd(bytes, start, end);
      const part = this.#ask(bytes, start, partEnd);
      if (part === undefined) return undefined;
      text += part;
      start = partEnd;
    }
    return text;
  }

  /** Where the bytes that can be asked for at once end: between two characters. */
  #partEnd(bytes: Uint8Array, start: number, end: number): number {
    if (end - start <= mostBytes) return end;
    const partEnd = start + mostBytes;
    return partEnd - incompleteLength(this.#encoding, bytes, start, partEnd);
  }

  #ask(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end === start) throw new RangeError(`Too much ${this.#encoding} at once`);
    const buffer = TypedArrayPrototypeBuffer(new Uint8Array(viewOf(bytes, start, end)));
    const text = hostSync(hostSyncOps.decodeText, this.#encoding, buffer);
    if (typeof text !== 'string') return undefined;
    // The host replaces what is invalid; these encodings have no replacement character to encode.
    return this.#isStrict && StringPrototypeIndexOf(text, '\ufffd') !== -1 ? undefined : text;
  }
}

function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const offset = TypedArrayPrototypeByteOffset(bytes) + start;
  return new Uint8Array(TypedArrayPrototypeBuffer(bytes), offset, end - start);
}
