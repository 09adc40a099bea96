import { hostSyncOps } from '../boundary.ts';
import { hostSync } from '../dispatch/host.ts';
import {
  StringPrototypeIndexOf,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
} from '../primordials.ts';
import { HeldBytes } from './held-bytes.ts';
import { incompleteLength } from './multi-byte.ts';
import type { StreamDecoder } from './stream-decoder.ts';

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
    const end = isLast ? length : length - incompleteLength(this.#encoding, bytes, length);
    this.#held.hold(bytes, end, length);
    if (end === 0) return '';
    const buffer = TypedArrayPrototypeBuffer(new Uint8Array(viewOf(bytes, end)));
    const text = hostSync(hostSyncOps.decodeText, this.#encoding, buffer);
    if (typeof text !== 'string') return undefined;
    // The host replaces what is invalid; these encodings have no replacement character to encode.
    return this.#isStrict && StringPrototypeIndexOf(text, '\ufffd') !== -1 ? undefined : text;
  }
}

function viewOf(bytes: Uint8Array, length: number): Uint8Array {
  const offset = TypedArrayPrototypeByteOffset(bytes);
  return new Uint8Array(TypedArrayPrototypeBuffer(bytes), offset, length);
}
