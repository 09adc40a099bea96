import { encodeUtf8Into, utf8Length } from '../encoding/utf8-encode.ts';
import {
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  Uint8Array,
} from '../primordials.ts';

/**
 * The percent-encode sets of the URL standard, as bits of {@link codePointSets}. Each contains
 * every code point above `~`.
 */
export const percentEncodeSets = {
  c0Control: 1,
  fragment: 2,
  query: 4,
  specialQuery: 8,
  path: 16,
  userinfo: 32,
} as const;
const forbiddenHost = 64;
const forbiddenDomain = 128;

/** For each ASCII code point the sets that contain it. */
const codePointSets = buildCodePointSets();

function buildCodePointSets(): Uint8Array {
  const sets = new Uint8Array(128);
  const { c0Control, fragment, query, specialQuery, path, userinfo } = percentEncodeSets;
  const aboveControls = fragment | query | specialQuery | path | userinfo;
  for (let c = 0; c < 0x20; c += 1) sets[c] = c0Control | aboveControls | forbiddenDomain;
  sets[0x7f] = c0Control | aboveControls | forbiddenDomain;
  mark(sets, '"<> ', aboveControls);
  mark(sets, '`', fragment | path | userinfo);
  mark(sets, '#', aboveControls & ~fragment);
  mark(sets, "'", specialQuery);
  mark(sets, '?^{}', path | userinfo);
  mark(sets, '/:;=@[\\]|', userinfo);
  mark(sets, '\0\t\n\r #/:<>?@[\\]^|', forbiddenHost | forbiddenDomain);
  mark(sets, '%', forbiddenDomain);
  return sets;
}

function mark(sets: Uint8Array, characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i += 1) {
    const c = StringPrototypeCharCodeAt(characters, i);
    sets[c] = (sets[c] ?? 0) | bits;
  }
}

/** Whether the string has a code point that no host may have; those above ASCII may. */
export function hasForbiddenHostCodePoint(text: string): boolean {
  return containsAnyOf(text, forbiddenHost);
}

/** Like {@link hasForbiddenHostCodePoint} for hosts that are domains. */
export function hasForbiddenDomainCodePoint(text: string): boolean {
  return containsAnyOf(text, forbiddenDomain);
}

function containsAnyOf(text: string, set: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c < 0x80 && ((codePointSets[c] ?? 0) & set) !== 0) return true;
  }
  return false;
}

/** Whether the code unit stays as it is when the set is percent-encoded. */
export function isPlain(codeUnit: number, set: number): boolean {
  return codeUnit < 0x80 && ((codePointSets[codeUnit] ?? 0) & set) === 0;
}

/** Percent-encodes the UTF-8 bytes of the part of a well-formed string from `start` to `end`. */
export function percentEncode(text: string, start: number, end: number, set: number): string {
  let i = start;
  while (i < end && isPlain(StringPrototypeCharCodeAt(text, i), set)) i += 1;
  if (i === end) return StringPrototypeSlice(text, start, end);
  let encoded = '';
  let copied = start;
  for (; i < end; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (isPlain(c, set)) continue;
    encoded += StringPrototypeSlice(text, copied, i);
    if ((c & 0xfc00) === 0xd800) {
      i += 1;
      const low = StringPrototypeCharCodeAt(text, i);
      encoded += percentEncodeCodePoint(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
    } else encoded += percentEncodeCodePoint(c);
    copied = i + 1;
  }
  return encoded + StringPrototypeSlice(text, copied, end);
}

const hexDigits = '0123456789ABCDEF';

export function percentEncodeByte(byte: number): string {
  return `%${StringPrototypeCharAt(hexDigits, byte >> 4)}${StringPrototypeCharAt(hexDigits, byte & 15)}`;
}

/** The percent-encoded UTF-8 of one code point. */
export function percentEncodeCodePoint(c: number): string {
  if (c < 0x80) return percentEncodeByte(c);
  const last = percentEncodeByte(0x80 | (c & 0x3f));
  if (c < 0x800) return percentEncodeByte(0xc0 | (c >> 6)) + last;
  const middle = percentEncodeByte(0x80 | ((c >> 6) & 0x3f)) + last;
  if (c < 0x10000) return percentEncodeByte(0xe0 | (c >> 12)) + middle;
  return (
    percentEncodeByte(0xf0 | (c >> 18)) + percentEncodeByte(0x80 | ((c >> 12) & 0x3f)) + middle
  );
}

/** Value of an ASCII hexadecimal digit, or -1. */
export function hexValue(codeUnit: number): number {
  if (codeUnit >= 0x30 && codeUnit <= 0x39) return codeUnit - 0x30;
  const lower = codeUnit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Replaces `%` and two hexadecimal digits by the byte they mean; `length` bytes are the result. */
export function percentDecode(text: string): { bytes: Uint8Array; length: number } {
  const bytes = new Uint8Array(utf8Length(text));
  const { written } = encodeUtf8Into(text, bytes, Infinity);
  let length = 0;
  for (let i = 0; i < written; i += 1) {
    let byte = bytes[i] ?? 0;
    if (byte === 0x25 && i + 2 < written) {
      const high = hexValue(bytes[i + 1] ?? 0);
      const low = hexValue(bytes[i + 2] ?? 0);
      if (high !== -1 && low !== -1) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[length] = byte;
    length += 1;
  }
  return { bytes, length };
}
