import { HeldBytes } from './held-bytes.ts';
import type { StreamDecoder } from './stream-decoder.ts';
import { decodeUtf8, decodeUtf8Strictly, incompleteUtf8Length } from './utf8-decode.ts';

export class Utf8StreamDecoder implements StreamDecoder {
  readonly #isStrict: boolean;
  readonly #held = new HeldBytes();

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  decode(given: Uint8Array, givenLength: number, isLast: boolean): string | undefined {
    const { bytes, length } = this.#held.join(given, givenLength);
    const end = isLast ? length : length - incompleteUtf8Length(bytes, 0, length);
    this.#held.hold(bytes, end, length);
    return this.#isStrict ? decodeUtf8Strictly(bytes, 0, end) : decodeUtf8(bytes, 0, end);
  }
}
