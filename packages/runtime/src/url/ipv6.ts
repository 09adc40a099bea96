import { NumberPrototypeToString, StringPrototypeCharCodeAt, Uint16Array } from '../primordials.ts';
import { hexValue } from './percent-encoding.ts';

const colon = 0x3a;
const dot = 0x2e;

/** The canonical form (RFC 5952) of the IPv6 address in `text`, without brackets. */
export function parseIpv6(text: string): string | undefined {
  const address: Address = { text, pieces: new Uint16Array(8), count: 0, gap: -1 };
  return readPieces(address) && closeGap(address) ? serializeIpv6(address.pieces) : undefined;
}

interface Address {
  readonly text: string;
  readonly pieces: Uint16Array;
  count: number;
  /** The piece after `::`, or -1. */
  gap: number;
}

function readPieces(address: Address): boolean {
  const { text, pieces } = address;
  let i = 0;
  if (codeAt(text, 0) === colon) {
    if (codeAt(text, 1) !== colon) return false;
    i = 2;
    markGap(address);
  }
  while (i < text.length) {
    if (address.count === 8) return false;
    if (codeAt(text, i) === colon) {
      if (address.gap !== -1) return false;
      i += 1;
      markGap(address);
      continue;
    }
    const start = i;
    let value = 0;
    for (; i - start < 4; i += 1) {
      const digit = hexValue(codeAt(text, i));
      if (digit === -1) break;
      value = value * 16 + digit;
    }
    if (codeAt(text, i) === dot && i > start) return readEmbeddedIpv4(address, start);
    if (i < text.length) {
      if (codeAt(text, i) !== colon) return false;
      i += 1;
      if (i === text.length) return false;
    }
    pieces[address.count] = value;
    address.count += 1;
  }
  return true;
}

/** `::` stands for at least one piece. */
function markGap(address: Address): void {
  address.count += 1;
  address.gap = address.count;
}

function codeAt(text: string, i: number): number {
  return i < text.length ? StringPrototypeCharCodeAt(text, i) : 0;
}

/** Four decimal numbers up to the end of the text, as the last two pieces. */
function readEmbeddedIpv4(address: Address, start: number): boolean {
  if (address.count > 6) return false;
  const { text, pieces } = address;
  let i = start;
  for (let seen = 0; seen < 4; seen += 1) {
    if (seen > 0) {
      if (codeAt(text, i) !== dot) return false;
      i += 1;
    }
    const first = i;
    let value = 0;
    for (let c = codeAt(text, i); c >= 0x30 && c <= 0x39; c = codeAt(text, i)) {
      if (i > first && value === 0) return false;
      value = value * 10 + c - 0x30;
      if (value > 255) return false;
      i += 1;
    }
    if (i === first) return false;
    pieces[address.count] = (pieces[address.count] ?? 0) * 256 + value;
    if (seen === 1 || seen === 3) address.count += 1;
  }
  return i === text.length;
}

/** Moves the pieces after `::` to the end. */
function closeGap(address: Address): boolean {
  const { pieces, count, gap } = address;
  if (gap === -1) return count === 8;
  for (let from = count - 1, to = 7; from >= gap; from -= 1, to -= 1) {
    pieces[to] = pieces[from] ?? 0;
    if (to !== from) pieces[from] = 0;
  }
  return true;
}

function serializeIpv6(pieces: Uint16Array): string {
  const zeros = longestZeroRun(pieces);
  let text = '';
  for (let i = 0; i < 8; i += 1) {
    if (i === zeros.start) {
      text += i === 0 ? '::' : ':';
      i += zeros.length - 1;
      continue;
    }
    text += NumberPrototypeToString(pieces[i] ?? 0, 16);
    if (i < 7) text += ':';
  }
  return text;
}

/** The first of the longest runs of two or more zero pieces. */
function longestZeroRun(pieces: Uint16Array): { start: number; length: number } {
  const longest = { start: -1, length: 1 };
  let length = 0;
  for (let i = 0; i < 8; i += 1) {
    length = pieces[i] === 0 ? length + 1 : 0;
    if (length > longest.length) {
      longest.length = length;
      longest.start = i - length + 1;
    }
  }
  return longest;
}
