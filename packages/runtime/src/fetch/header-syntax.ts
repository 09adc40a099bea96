import {
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import { toDomString } from '../webidl/convert.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const upperCase = /[A-Z]/;
const notLatin1 = /[^\0-\xff]/;

const forbiddenInValue = /[\0\n\r]/;
/** Visible or space inside, no white space at the ends: nothing to strip or refuse. */
const plainValue = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

/** A string whose code units are bytes. */
export function toByteString(value: unknown): string {
  const text = toDomString(value);
  if (RegExpPrototypeExec(notLatin1, text) !== null) {
    throw new TypeError('Cannot convert to a byte string: a character is greater than 255');
  }
  return text;
}

/** The lower-case name. */
export function toHeaderName(value: unknown): string {
  const name = toByteString(value);
  if (RegExpPrototypeExec(token, name) === null) {
    throw new TypeError(`Invalid header name: ${name}`);
  }
  return RegExpPrototypeExec(upperCase, name) === null ? name : StringPrototypeToLowerCase(name);
}

/** The value without white space around it. */
export function toHeaderValue(value: unknown): string {
  const text = toDomString(value);
  if (RegExpPrototypeExec(plainValue, text) !== null) return text;
  const stripped = stripHttpWhitespace(toByteString(text));
  if (RegExpPrototypeExec(forbiddenInValue, stripped) !== null) {
    throw new TypeError('Invalid header value');
  }
  return stripped;
}

function stripHttpWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isHttpWhitespace(StringPrototypeCharCodeAt(text, start))) start += 1;
  while (end > start && isHttpWhitespace(StringPrototypeCharCodeAt(text, end - 1))) end -= 1;
  return StringPrototypeSlice(text, start, end);
}

function isHttpWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
