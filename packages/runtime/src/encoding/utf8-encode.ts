import { StringPrototypeCharCodeAt, Uint8Array } from '../primordials.ts';

/** The UTF-8 bytes of the string in a buffer of exactly their length; U+FFFD for lone surrogates. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const { length } = text;
  const ascii = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c >= 0x80) {
      const size = i + utf8Length(text, i);
      const bytes = new Uint8Array(size);
      encodeUtf8Into(text, bytes, size);
      return bytes;
    }
    ascii[i] = c;
  }
  return ascii;
}

/** Number of bytes in the UTF-8 of the string from the code unit at `start`. */
export function utf8Length(text: string, start = 0): number {
  const { length } = text;
  let bytes = length - start;
  for (let i = start; i < length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c < 0x80) continue;
    bytes += c < 0x800 ? 1 : 2;
    if (isPair(text, i, c)) i += 1;
  }
  return bytes;
}

/** Whether the code unit `c` at `i` and the one after it are a surrogate pair. */
function isPair(text: string, i: number, c: number): boolean {
  return (
    (c & 0xfc00) === 0xd800 &&
    i + 1 < text.length &&
    (StringPrototypeCharCodeAt(text, i + 1) & 0xfc00) === 0xdc00
  );
}

/**
 * Writes as many whole code points as fit into the first `capacity` bytes. `read` counts code
 * units, `written` bytes.
 */
export function encodeUtf8Into(
  text: string,
  target: Uint8Array,
  capacity: number,
): { read: number; written: number } {
  const { length } = text;
  let read = 0;
  let written = 0;
  while (read < length) {
    const c = StringPrototypeCharCodeAt(text, read);
    if (c < 0x80) {
      if (written === capacity) break;
      target[written++] = c;
      read += 1;
      continue;
    }
    const isFromPair = isPair(text, read, c);
    const size = c < 0x800 ? 2 : isFromPair ? 4 : 3;
    if (written + size > capacity) break;
    if (isFromPair) {
      const low = StringPrototypeCharCodeAt(text, read + 1) & 0x3ff;
      const codePoint = 0x10000 + ((c & 0x3ff) << 10) + low;
      target[written++] = 0xf0 | (codePoint >> 18);
      target[written++] = 0x80 | ((codePoint >> 12) & 0x3f);
      target[written++] = 0x80 | ((codePoint >> 6) & 0x3f);
      target[written++] = 0x80 | (codePoint & 0x3f);
      read += 2;
      continue;
    }
    written = writeShortSequence(target, written, (c & 0xf800) === 0xd800 ? 0xfffd : c);
    read += 1;
  }
  return { read, written };
}

/** Writes a code point from U+0080 to U+FFFF; answers where the next one goes. */
function writeShortSequence(target: Uint8Array, at: number, codePoint: number): number {
  let next = at;
  if (codePoint < 0x800) target[next++] = 0xc0 | (codePoint >> 6);
  else {
    target[next++] = 0xe0 | (codePoint >> 12);
    target[next++] = 0x80 | ((codePoint >> 6) & 0x3f);
  }
  target[next++] = 0x80 | (codePoint & 0x3f);
  return next;
}
