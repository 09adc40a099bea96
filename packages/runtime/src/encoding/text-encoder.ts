/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { isUint8Array } from '../webidl/buffer-source.ts';
import { requireArguments, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { encodeUtf8, encodeUtf8Into } from './utf8-encode.ts';

/** https://encoding.spec.whatwg.org/#interface-textencoder */
export class TextEncoder {
  readonly #encoding = 'utf-8';

  get encoding(): string {
    return this.#encoding;
  }

  encode(input: unknown = ''): Uint8Array<ArrayBuffer> {
    void this.#encoding;
    return encodeUtf8(toDomString(input));
  }

  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    void this.#encoding;
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    // Lone surrogates are replaced while encoding.
    const text = toDomString(source);
    if (!isUint8Array(destination)) throw new TypeError('The destination is not a Uint8Array');
    return encodeUtf8Into(text, destination, TypedArrayPrototypeByteLength(destination));
  }

  static {
    defineInterface(this, 'TextEncoder');
  }
}
