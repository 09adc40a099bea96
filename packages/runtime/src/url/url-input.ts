import {
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';
import { isAlpha } from './url-record.ts';

/** Removes what the standard removes from the input of every parse. */
export function removeTabsAndNewlines(input: string): string {
  if (
    StringPrototypeIndexOf(input, '\n') === -1 &&
    StringPrototypeIndexOf(input, '\r') === -1 &&
    StringPrototypeIndexOf(input, '\t') === -1
  ) {
    return input;
  }
  let text = '';
  let copied = 0;
  for (let i = 0; i < input.length; i += 1) {
    const c = StringPrototypeCharCodeAt(input, i);
    if (c !== 0x0a && c !== 0x0d && c !== 0x09) continue;
    text += StringPrototypeSlice(input, copied, i);
    copied = i + 1;
  }
  return text + StringPrototypeSlice(input, copied);
}

/** Removes controls and spaces from both ends. */
export function trimControlsAndSpaces(input: string): string {
  let start = 0;
  let end = input.length;
  while (start < end && StringPrototypeCharCodeAt(input, start) <= 0x20) start += 1;
  while (start < end && StringPrototypeCharCodeAt(input, end - 1) <= 0x20) end -= 1;
  return start === 0 && end === input.length ? input : StringPrototypeSlice(input, start, end);
}

/** Where the colon after a scheme is, or -1 when the text does not begin with one. */
export function findSchemeEnd(text: string): number {
  if (text === '' || !isAlpha(StringPrototypeCharCodeAt(text, 0))) return -1;
  for (let i = 1; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === 0x3a) return i;
    if (!isAlpha(c) && !isDigit(c) && c !== 0x2b && c !== 0x2d && c !== 0x2e) return -1;
  }
  return -1;
}

export function isDigit(codeUnit: number): boolean {
  return codeUnit >= 0x30 && codeUnit <= 0x39;
}

export function isSlashAt(text: string, i: number, isSpecial: boolean): boolean {
  return (
    StringPrototypeCharAt(text, i) === '/' || (isSpecial && StringPrototypeCharAt(text, i) === '\\')
  );
}

/** The first `/`, `?` or `#` (or `\` in special URLs), or the end. */
export function findAuthorityEnd(text: string, start: number, isSpecial: boolean): number {
  for (let i = start; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === 0x2f || c === 0x3f || c === 0x23 || (c === 0x5c && isSpecial)) return i;
  }
  return text.length;
}

/** The first `?` or `#`, or the end. */
export function findPathEnd(text: string, start: number): number {
  for (let i = start; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === 0x3f || c === 0x23) return i;
  }
  return text.length;
}
