import { DOMException } from '../dom-exception/dom-exception.ts';
import { stringFromUnits } from '../encoding/string-from-units.ts';
import {
  StringPrototypeCharCodeAt,
  TypedArrayPrototypeByteLength,
  Uint8Array,
  Uint8ArrayFromBase64,
  Uint8ArrayPrototypeToBase64,
} from '../primordials.ts';
import { requireArguments, toDomString } from '../webidl/convert.ts';

/** https://html.spec.whatwg.org/#dom-btoa; throws an InvalidCharacterError above U+00FF. */
export function btoa(data: unknown): string {
  requireArguments(arguments.length, 1, 'btoa');
  const text = toDomString(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c > 0xff) {
      throw new DOMException('btoa: a character is above U+00FF', 'InvalidCharacterError');
    }
    bytes[i] = c;
  }
  return Uint8ArrayPrototypeToBase64(bytes);
}

/** https://html.spec.whatwg.org/#dom-atob; throws an InvalidCharacterError for anything else. */
export function atob(data: unknown): string {
  requireArguments(arguments.length, 1, 'atob');
  const bytes = decodeForgivingly(toDomString(data));
  return stringFromUnits(bytes, 0, TypedArrayPrototypeByteLength(bytes));
}

/**
 * https://infra.spec.whatwg.org/#forgiving-base64-decode: the language's decoder ignores the same
 * spaces, and takes the same missing padding and unused bits.
 */
function decodeForgivingly(text: string): Uint8Array {
  try {
    return Uint8ArrayFromBase64(text);
  } catch {
    // Its SyntaxError is the only error for a string.
    throw new DOMException('atob: the string is not valid base64', 'InvalidCharacterError');
  }
}
