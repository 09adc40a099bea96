import {
  StringPrototypeCharAt,
  StringPrototypeStartsWith,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
} from '../primordials.ts';
import { hexValue } from './percent-encoding.ts';

/** Whether the host's last label is a number, which makes it an IPv4 address or nothing. */
export function endsInNumber(domain: string): boolean {
  let end = domain.length;
  if (end > 0 && StringPrototypeCharAt(domain, end - 1) === '.') end -= 1;
  const start = end === 0 ? 0 : StringPrototypeLastIndexOf(domain, '.', end - 1) + 1;
  if (start >= end) return false;
  let areDigits = true;
  for (let i = start; i < end && areDigits; i += 1) areDigits = isDigit(domain, i);
  return areDigits || isHexNumber(domain, start, end);
}

function isDigit(text: string, i: number): boolean {
  const c = StringPrototypeCharCodeAt(text, i);
  return c >= 0x30 && c <= 0x39;
}

/** `0x` and hexadecimal digits, or `0x` alone. */
function isHexNumber(text: string, start: number, end: number): boolean {
  if (
    !StringPrototypeStartsWith(text, '0x', start) &&
    !StringPrototypeStartsWith(text, '0X', start)
  )
    return false;
  for (let i = start + 2; i < end; i += 1) {
    if (hexValue(StringPrototypeCharCodeAt(text, i)) === -1) return false;
  }
  return true;
}

/** The dotted decimal form of an IPv4 address in any form the standard allows. */
export function parseIpv4(domain: string): string | undefined {
  let end = domain.length;
  if (StringPrototypeCharAt(domain, end - 1) === '.') end -= 1;
  let address = 0;
  let start = 0;
  for (let index = 0; index < 4; index += 1) {
    const dot = StringPrototypeIndexOf(domain, '.', start);
    const isLast = dot === -1 || dot >= end;
    const value = parseNumber(domain, start, isLast ? end : dot);
    // The last number fills the bytes that no number before it took.
    if (value === undefined || value >= (isLast ? 256 ** (4 - index) : 256)) return undefined;
    address += isLast ? value : value * 256 ** (3 - index);
    if (isLast) return serializeIpv4(address);
    start = dot + 1;
  }
  return undefined;
}

function parseNumber(text: string, start: number, end: number): number | undefined {
  if (start === end) return undefined;
  if (isHexNumber(text, start, end)) return parseDigits(text, start + 2, end, 16);
  if (StringPrototypeCharAt(text, start) === '0' && end - start > 1)
    return parseDigits(text, start + 1, end, 8);
  return parseDigits(text, start, end, 10);
}

/** No digits at all are 0. A number too great for the address is still too great as a float. */
function parseDigits(text: string, start: number, end: number, radix: number): number | undefined {
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const digit = hexValue(StringPrototypeCharCodeAt(text, i));
    if (digit === -1 || digit >= radix) return undefined;
    value = value * radix + digit;
  }
  return value;
}

function serializeIpv4(address: number): string {
  const low = address & 0xffff;
  const high = address >>> 16;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
