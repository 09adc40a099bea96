/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  RangeError,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { isBufferSource, isUint8Array, viewBytes } from '../webidl/buffer-source.ts';
import { toDictionary, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { createStreamDecoder } from './create-stream-decoder.ts';
import { encodingOf } from './encoding-labels.ts';
import type { StreamDecoder } from './stream-decoder.ts';
import { decodeUtf8, decodeUtf8Strictly } from './utf8-decode.ts';

/** What a decoder was made with. */
export interface DecoderTraits {
  readonly encoding: string;
  readonly isFatal: boolean;
  readonly keepsMark: boolean;
}

let traitsOf: (decoder: TextDecoder) => DecoderTraits;
let decodeInput: (decoder: TextDecoder, input: unknown, isLast: boolean) => string;

/** https://encoding.spec.whatwg.org/#interface-textdecoder */
export class TextDecoder {
  readonly #encoding: string;
  readonly #isFatal: boolean;
  readonly #keepsMark: boolean;
  /** Between the calls of one stream. */
  #decoder: StreamDecoder | undefined = undefined;
  #isAtStart = true;

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    const text = toDomString(label);
    const { fatal, ignoreBOM } = toDictionary<'fatal' | 'ignoreBOM'>(options, 'TextDecoder');
    const encoding = encodingOf(text);
    if (encoding === undefined || encoding === 'replacement') {
      throw new RangeError(`"${text}" is not the label of an encoding`);
    }
    this.#encoding = encoding;
    this.#isFatal = !!fatal;
    this.#keepsMark = !!ignoreBOM;
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#isFatal;
  }

  get ignoreBOM(): boolean {
    return this.#keepsMark;
  }

  decode(input: unknown = undefined, options: unknown = undefined): string {
    void this.#encoding;
    const bytes = toBytes(input);
    return this.#decodeBytes(bytes, !toDictionary<'stream'>(options, 'TextDecoder.decode').stream);
  }

  #decodeBytes(bytes: Uint8Array, isLast: boolean): string {
    const length = TypedArrayPrototypeByteLength(bytes);
    const text = this.#decode(bytes, length, isLast);
    if (text === undefined) throw new TypeError(`The bytes are not valid ${this.#encoding}`);
    return this.#withoutMark(text);
  }

  #decode(bytes: Uint8Array, length: number, isLast: boolean): string | undefined {
    if (this.#decoder === undefined) {
      this.#isAtStart = true;
      if (isLast && this.#encoding === 'utf-8') {
        return this.#isFatal ? decodeUtf8Strictly(bytes, 0, length) : decodeUtf8(bytes, 0, length);
      }
    }
    const decoder = this.#decoder ?? createStreamDecoder(this.#encoding, this.#isFatal);
    const text = decoder.decode(bytes, length, isLast);
    // The next call continues, unless this one ends the stream or fails.
    this.#decoder = isLast || text === undefined ? undefined : decoder;
    return text;
  }

  /** Removes the byte order mark from the first text of a stream. */
  #withoutMark(text: string): string {
    if (!this.#isAtStart || text === '') return text;
    this.#isAtStart = false;
    if (this.#keepsMark || StringPrototypeCharCodeAt(text, 0) !== 0xfeff) return text;
    return StringPrototypeStartsWith(this.#encoding, 'utf-') ? StringPrototypeSlice(text, 1) : text;
  }

  static {
    traitsOf = (decoder) => ({
      encoding: decoder.#encoding,
      isFatal: decoder.#isFatal,
      keepsMark: decoder.#keepsMark,
    });
    decodeInput = (decoder, input, isLast) => decoder.#decodeBytes(toBytes(input), isLast);
    defineInterface(this, 'TextDecoder');
  }
}

/** `decode` and the attributes for the runtime itself: they ask nothing that worker code can patch. */
export { decodeInput, traitsOf };

function toBytes(input: unknown): Uint8Array {
  if (isUint8Array(input)) return input;
  if (input === undefined) return new Uint8Array(0);
  if (!isBufferSource(input)) throw new TypeError('The input is not an ArrayBuffer or a view');
  return viewBytes(input);
}
