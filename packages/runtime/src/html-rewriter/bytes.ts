import {
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
} from '../primordials.ts';

/* Bytes as ASCII, which all encodings that a document may have contain. */

export const lessThan = 0x3c;
export const greaterThan = 0x3e;
export const slash = 0x2f;
export const dash = 0x2d;
export const bang = 0x21;
export const equals = 0x3d;
export const questionMark = 0x3f;
export const doubleQuote = 0x22;
export const singleQuote = 0x27;

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d || byte === 0x0c;
}

export function isLetter(byte: number | undefined): boolean {
  const lower = (byte ?? 0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** The name in lower case; one character for each byte, so that it compares, and nothing more. */
export function lowerCaseName(bytes: Uint8Array, start: number, end: number): string {
  let name = '';
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    name += StringFromCharCode(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  }
  return name;
}

/** Whether the text, in lower-case ASCII, is there, in any case. */
export function hasAsciiAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const byte = bytes[at + i] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (lower !== StringPrototypeCharCodeAt(text, i)) return false;
  }
  return true;
}

/** The bytes in place. */
export function viewOf(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const offset = TypedArrayPrototypeByteOffset(bytes) + start;
  return new Uint8Array(TypedArrayPrototypeBuffer(bytes), offset, end - start);
}
