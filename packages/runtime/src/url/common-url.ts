import {
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.ts';
import { isPlainDomain } from './host.ts';
import { isPlain, percentEncodeSets } from './percent-encoding.ts';
import { UrlRecord } from './url-record.ts';

const slash = 0x2f;
const questionMark = 0x3f;
const hash = 0x23;

/**
 * The short way for the URLs most programs parse: `http` or `https`, a plain domain, maybe a port,
 * and nothing that has to be encoded or resolved. It reads each character once and finds the
 * serialised URL to be the input.
 *
 * @returns Undefined for any other input, valid or not.
 */
export function parseCommonUrl(text: string): UrlRecord | undefined {
  let start = 0;
  if (StringPrototypeStartsWith(text, 'https://')) start = 8;
  else if (StringPrototypeStartsWith(text, 'http://')) start = 7;
  else return undefined;
  const hostEnd = findHostEnd(text, start);
  const domain = StringPrototypeSlice(text, start, hostEnd);
  if (!isPlainDomain(domain)) return undefined;
  const url = new UrlRecord(start === 8 ? 'https' : 'http');
  url.host = domain;
  const pathStart = readPort(url, text, hostEnd);
  return StringPrototypeCharAt(text, pathStart) === '/' && readPath(url, text, pathStart)
    ? url
    : undefined;
}

/** The first character that ends a host or cannot be in a plain one. */
function findHostEnd(text: string, start: number): number {
  let i = start;
  for (; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === slash || c === 0x3a) break;
  }
  return i;
}

/** Reads `:` and digits, if any; answers where the path starts, or -1 for any other port. */
function readPort(url: UrlRecord, text: string, start: number): number {
  if (StringPrototypeCharAt(text, start) !== ':') return start;
  let port = 0;
  let i = start + 1;
  for (; i < text.length; i += 1) {
    const digit = StringPrototypeCharCodeAt(text, i) - 0x30;
    if (digit < 0 || digit > 9) break;
    port = port * 10 + digit;
  }
  // Ports below 1000 include the default ones, and 01234 is written 1234.
  if (port < 1000 || port > 0xffff || i - start > (port < 10_000 ? 5 : 6)) return -1;
  url.port = port;
  return i;
}

/** Reads path, query and fragment; false when they hold anything that is not plain. */
function readPath(url: UrlRecord, text: string, start: number): boolean {
  const { length } = text;
  let i = start;
  let c = 0;
  for (let previous = 0; i < length; i += 1, previous = c) {
    c = StringPrototypeCharCodeAt(text, i);
    if (c === questionMark || c === hash) break;
    if (!isPlain(c, percentEncodeSets.path) || c === 0x5c) return false;
    // A dot segment begins with a dot, or with a percent-encoded one.
    if (previous === slash && (c === 0x2e || c === 0x25)) return false;
  }
  url.path = StringPrototypeSlice(text, start, i);
  if (c === questionMark && i < length) {
    const queryStart = i + 1;
    i = findUnplain(text, queryStart, percentEncodeSets.specialQuery);
    url.query = StringPrototypeSlice(text, queryStart, i);
  }
  if (StringPrototypeCharAt(text, i) === '#') {
    const fragmentStart = i + 1;
    i = findUnplain(text, fragmentStart, percentEncodeSets.fragment);
    url.fragment = StringPrototypeSlice(text, fragmentStart, i);
  }
  return i === length;
}

function findUnplain(text: string, start: number, set: number): number {
  let i = start;
  while (i < text.length && isPlain(StringPrototypeCharCodeAt(text, i), set)) i += 1;
  return i;
}
