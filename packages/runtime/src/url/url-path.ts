import {
  StringPrototypeCharAt,
  StringPrototypeStartsWith,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
} from '../primordials.ts';
import { isPlain, percentEncode, percentEncodeSets } from './percent-encoding.ts';
import { isSlashAt } from './url-input.ts';
import { isDrive, shortenPath, type UrlRecord } from './url-record.ts';

const pathSet = percentEncodeSets.path;

/**
 * https://url.spec.whatwg.org/#path-state, from `start`, which comes after a slash, up to `end`. Appends to the path the URL has.
 */
export function parsePath(url: UrlRecord, text: string, start: number, end: number): void {
  if (url.scheme !== 'file' && isPlainPath(text, start, end)) {
    url.path =
      url.path === '' && start > 0 && StringPrototypeCharAt(text, start - 1) === '/'
        ? StringPrototypeSlice(text, start - 1, end)
        : `${url.path}/${StringPrototypeSlice(text, start, end)}`;
    return;
  }
  const { isSpecial } = url;
  let segmentStart = start;
  for (let i = start; i <= end; i += 1) {
    if (i < end && !isSlashAt(text, i, isSpecial)) continue;
    appendSegment(url, StringPrototypeSlice(text, segmentStart, i), i === end);
    segmentStart = i + 1;
  }
}

/** Whether nothing in the path is to be encoded, resolved or turned into a slash. */
function isPlainPath(text: string, start: number, end: number): boolean {
  let previous = 0x2f;
  for (let i = start; i < end; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (!isPlain(c, pathSet) || c === 0x5c) return false;
    if (previous === 0x2f && (c === 0x2e || c === 0x25)) return false;
    previous = c;
  }
  return true;
}

function appendSegment(url: UrlRecord, segment: string, isLast: boolean): void {
  const dots = countDots(segment);
  if (dots === 2) shortenPath(url);
  if (dots !== 0) {
    if (isLast) url.path += '/';
  } else if (url.scheme === 'file' && url.path === '' && isDrive(segment, 0, segment.length)) {
    url.path = `/${StringPrototypeCharAt(segment, 0)}:`;
  } else url.path += `/${percentEncode(segment, 0, segment.length, pathSet)}`;
}

/** 1 for `.`, 2 for `..`, with `%2e` for any dot; else 0. */
function countDots(segment: string): number {
  let dots = 0;
  for (let i = 0; i < segment.length; dots += 1) {
    if (dots === 2) return 0;
    if (StringPrototypeCharAt(segment, i) === '.') i += 1;
    else if (isEncodedDot(segment, i)) i += 3;
    else return 0;
  }
  return dots;
}

function isEncodedDot(text: string, i: number): boolean {
  return StringPrototypeStartsWith(text, '%2e', i) || StringPrototypeStartsWith(text, '%2E', i);
}
