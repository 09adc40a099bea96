import { decodeUtf8, decodeUtf8Strictly } from '../encoding/utf8-decode.ts';
import {
  newList,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  type List,
} from '../primordials.ts';
import { percentDecode, percentEncodeByte, percentEncodeCodePoint } from './percent-encoding.ts';

export type Parameter = readonly [name: string, value: string];

/** https://url.spec.whatwg.org/#concept-urlencoded-parser on a string without lone surrogates. */
export function parseUrlencoded(text: string): List<Parameter> {
  const parameters = newList<Parameter>();
  let start = 0;
  while (start < text.length) {
    const ampersand = StringPrototypeIndexOf(text, '&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    if (end > start) parameters[parameters.length] = parseParameter(text, start, end);
    start = end + 1;
  }
  return parameters;
}

function parseParameter(text: string, start: number, end: number): Parameter {
  const equals = StringPrototypeIndexOf(text, '=', start);
  if (equals === -1 || equals >= end) return [decode(text, start, end), ''];
  return [decode(text, start, equals), decode(text, equals + 1, end)];
}

function decode(text: string, start: number, end: number): string {
  let spaced = '';
  let copied = start;
  let hasPercent = false;
  for (let i = start; i < end; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === 0x25) hasPercent = true;
    if (c !== 0x2b) continue;
    spaced += `${StringPrototypeSlice(text, copied, i)} `;
    copied = i + 1;
  }
  spaced += StringPrototypeSlice(text, copied, end);
  if (!hasPercent) return spaced;
  const { bytes, length } = percentDecode(spaced);
  return decodeUtf8(bytes, 0, length);
}

/** Like {@link parseUrlencoded} for the bytes of a body. */
export function parseUrlencodedBytes(bytes: Uint8Array, length: number): List<Parameter> {
  const text = decodeUtf8Strictly(bytes, 0, length);
  if (text !== undefined) return parseUrlencoded(text);
  // Invalid bytes may be completed by percent-encoded ones, so that they meet only when decoded.
  let ascii = '';
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0;
    ascii += byte < 0x80 ? StringFromCharCode(byte) : percentEncodeByte(byte);
  }
  return parseUrlencoded(ascii);
}

/** https://url.spec.whatwg.org/#concept-urlencoded-serializer */
export function serializeUrlencoded(parameters: List<Parameter>): string {
  let text = '';
  for (let i = 0; i < parameters.length; i += 1) {
    const parameter = parameters[i];
    if (parameter === undefined) continue;
    text += `${i === 0 ? '' : '&'}${encode(parameter[0])}=${encode(parameter[1])}`;
  }
  return text;
}

function encode(text: string): string {
  let encoded = '';
  let copied = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (isUnreserved(c)) continue;
    encoded += StringPrototypeSlice(text, copied, i);
    if (c === 0x20) encoded += '+';
    else if ((c & 0xfc00) === 0xd800) {
      i += 1;
      const low = StringPrototypeCharCodeAt(text, i);
      encoded += percentEncodeCodePoint(0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff));
    } else encoded += percentEncodeCodePoint(c);
    copied = i + 1;
  }
  return encoded + StringPrototypeSlice(text, copied);
}

/** Letters, digits, `*`, `-`, `.` and `_`. */
function isUnreserved(c: number): boolean {
  const lower = c | 0x20;
  if (lower >= 0x61 && lower <= 0x7a) return c < 0x80;
  return (c >= 0x30 && c <= 0x39) || c === 0x2a || c === 0x2d || c === 0x2e || c === 0x5f;
}
