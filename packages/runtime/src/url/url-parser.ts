import {
  StringPrototypeCharAt,
  StringPrototypeStartsWith,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { parseCommonUrl } from './common-url.ts';
import { parseHost } from './host.ts';
import { percentEncode, percentEncodeSets } from './percent-encoding.ts';
import {
  findAuthorityEnd,
  findPathEnd,
  findSchemeEnd,
  isDigit,
  isSlashAt,
  removeTabsAndNewlines,
  trimControlsAndSpaces,
} from './url-input.ts';
import { parsePath } from './url-path.ts';
import { defaultPort, driveOf, isDrive, shortenPath, UrlRecord } from './url-record.ts';

/*
 * The basic URL parser of https://url.spec.whatwg.org/#url-parsing. The standard walks a state
 * machine code point by code point; here each group of states is a function that takes its part of
 * the text at once. `text` is the whole input and `at` where the states begin.
 */

/**
 * Parses an absolute URL, or a reference relative to `base`.
 *
 * @param input Without lone surrogates.
 * @returns Undefined when the input is not a valid URL.
 */
export function parseUrl(input: string, base: UrlRecord | undefined): UrlRecord | undefined {
  const common = parseCommonUrl(input);
  if (common !== undefined) return common;
  const text = removeTabsAndNewlines(trimControlsAndSpaces(input));
  const schemeEnd = findSchemeEnd(text);
  if (schemeEnd === -1) return base === undefined ? undefined : parseReference(text, base);
  const url = new UrlRecord(StringPrototypeToLowerCase(StringPrototypeSlice(text, 0, schemeEnd)));
  const at = schemeEnd + 1;
  if (url.scheme === 'file') return parseFile(url, text, at, base);
  const startsAuthority = StringPrototypeStartsWith(text, '//', at);
  if (url.isSpecial) {
    return base?.scheme === url.scheme && !startsAuthority
      ? parseRelative(url, text, at, base)
      : parseAuthority(url, text, skipSlashes(text, at));
  }
  if (startsAuthority) return parseAuthority(url, text, at + 2);
  return StringPrototypeCharAt(text, at) === '/'
    ? parsePathAndRest(url, text, at + 1)
    : parseOpaquePath(url, text, at);
}

function skipSlashes(text: string, start: number): number {
  let i = start;
  while (isSlashAt(text, i, true)) i += 1;
  return i;
}

/** No scheme state. */
function parseReference(text: string, base: UrlRecord): UrlRecord | undefined {
  const url = new UrlRecord(base.scheme);
  if (!base.hasOpaquePath) {
    return base.scheme === 'file'
      ? parseFile(url, text, 0, base)
      : parseRelative(url, text, 0, base);
  }
  if (StringPrototypeCharAt(text, 0) !== '#') return undefined;
  url.path = base.path;
  url.hasOpaquePath = true;
  url.query = base.query;
  return parseQueryAndFragment(url, text, 0);
}

/** Relative state and relative slash state. */
function parseRelative(
  url: UrlRecord,
  text: string,
  at: number,
  base: UrlRecord,
): UrlRecord | undefined {
  const { isSpecial } = url;
  const startsWithSlash = isSlashAt(text, at, isSpecial);
  if (startsWithSlash && isSlashAt(text, at + 1, isSpecial)) {
    return parseAuthority(url, text, isSpecial ? skipSlashes(text, at) : at + 2);
  }
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
  if (startsWithSlash) return parsePathAndRest(url, text, at + 1);
  return parseBesideBase(url, text, at, base);
}

/** The end of relative state and file state: what is missing is the base's. */
function parseBesideBase(url: UrlRecord, text: string, at: number, base: UrlRecord): UrlRecord {
  url.path = base.path;
  url.query = base.query;
  if (
    at === text.length ||
    StringPrototypeCharAt(text, at) === '?' ||
    StringPrototypeCharAt(text, at) === '#'
  ) {
    return parseQueryAndFragment(url, text, at);
  }
  url.query = null;
  if (url.scheme === 'file' && startsWithDrive(text, at)) url.path = '';
  else shortenPath(url);
  return parsePathAndRest(url, text, at);
}

/** Authority, host and port state. */
function parseAuthority(url: UrlRecord, text: string, at: number): UrlRecord | undefined {
  const end = findAuthorityEnd(text, at, url.isSpecial);
  let hostStart = at;
  const atSign = end === at ? -1 : StringPrototypeLastIndexOf(text, '@', end - 1);
  if (atSign >= at) {
    hostStart = atSign + 1;
    if (hostStart === end) return undefined;
    setCredentials(url, text, at, atSign);
  }
  return parseHostAndPort(url, text, hostStart, end) ? parsePathStart(url, text, end) : undefined;
}

function setCredentials(url: UrlRecord, text: string, start: number, end: number): void {
  const colon = StringPrototypeIndexOf(text, ':', start);
  const nameEnd = colon === -1 || colon > end ? end : colon;
  url.username = percentEncode(text, start, nameEnd, percentEncodeSets.userinfo);
  if (nameEnd < end) {
    url.password = percentEncode(text, nameEnd + 1, end, percentEncodeSets.userinfo);
  }
}

function parseHostAndPort(url: UrlRecord, text: string, start: number, end: number): boolean {
  const colon = findPortColon(text, start, end);
  const { isSpecial } = url;
  if (colon === start && (colon < end || isSpecial)) return false;
  const host = parseHost(StringPrototypeSlice(text, start, colon), isSpecial);
  if (host === undefined) return false;
  url.host = host;
  if (colon === end) return true;
  const portEnd = findDigitsEnd(text, colon + 1);
  return portEnd === end && setPort(url, text, colon + 1, portEnd);
}

/** The first colon outside brackets, or `end`. */
export function findPortColon(text: string, start: number, end: number): number {
  let isInBrackets = false;
  for (let i = start; i < end; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === 0x3a && !isInBrackets) return i;
    if (c === 0x5b) isInBrackets = true;
    else if (c === 0x5d) isInBrackets = false;
  }
  return end;
}

export function findDigitsEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length && isDigit(StringPrototypeCharCodeAt(text, i))) i += 1;
  return i;
}

/** Sets the port to the digits, if there are any; false when it is too great. */
export function setPort(url: UrlRecord, text: string, start: number, end: number): boolean {
  if (start === end) return true;
  let port = 0;
  for (let i = start; i < end; i += 1) {
    port = port * 10 + StringPrototypeCharCodeAt(text, i) - 0x30;
    if (port > 0xffff) return false;
  }
  url.port = port === defaultPort(url.scheme) ? null : port;
  return true;
}

/** File state and file slash state. */
function parseFile(
  url: UrlRecord,
  text: string,
  at: number,
  base: UrlRecord | undefined,
): UrlRecord | undefined {
  url.host = '';
  const fileBase = base?.scheme === 'file' ? base : undefined;
  if (!isSlashAt(text, at, true)) {
    if (fileBase === undefined) return parsePathAndRest(url, text, at);
    url.host = fileBase.host;
    return parseBesideBase(url, text, at, fileBase);
  }
  if (isSlashAt(text, at + 1, true)) return parseFileHost(url, text, at + 2);
  if (fileBase !== undefined) {
    url.host = fileBase.host;
    if (!startsWithDrive(text, at + 1)) url.path = driveOf(fileBase.path) ?? '';
  }
  return parsePathAndRest(url, text, at + 1);
}

/** https://url.spec.whatwg.org/#start-with-a-windows-drive-letter */
function startsWithDrive(text: string, at: number): boolean {
  if (text.length - at < 2 || !isDrive(text, at, at + 2)) return false;
  const next = StringPrototypeCharAt(text, at + 2);
  return next === '' || next === '/' || next === '\\' || next === '?' || next === '#';
}

function parseFileHost(url: UrlRecord, text: string, at: number): UrlRecord | undefined {
  const end = findAuthorityEnd(text, at, true);
  if (isDrive(text, at, end)) return parsePathAndRest(url, text, at);
  return setFileHost(url, StringPrototypeSlice(text, at, end))
    ? parsePathStart(url, text, end)
    : undefined;
}

/** Sets the host of a file URL; false when the text is no host. */
export function setFileHost(url: UrlRecord, text: string): boolean {
  const host = text === '' ? '' : parseHost(text, true);
  if (host === undefined) return false;
  url.host = host === 'localhost' ? '' : host;
  return true;
}

/** Path start state: at a slash, `?`, `#` or the end. */
function parsePathStart(url: UrlRecord, text: string, at: number): UrlRecord {
  const { isSpecial } = url;
  if (isSlashAt(text, at, isSpecial)) return parsePathAndRest(url, text, at + 1);
  return isSpecial ? parsePathAndRest(url, text, at) : parseQueryAndFragment(url, text, at);
}

function parsePathAndRest(url: UrlRecord, text: string, at: number): UrlRecord {
  const end = findPathEnd(text, at);
  parsePath(url, text, at, end);
  return parseQueryAndFragment(url, text, end);
}

function parseOpaquePath(url: UrlRecord, text: string, at: number): UrlRecord {
  const end = findPathEnd(text, at);
  url.hasOpaquePath = true;
  url.path = percentEncode(text, at, end, percentEncodeSets.c0Control);
  // A space before `?` or `#` would be lost when these are removed.
  if (end < text.length && end > at && StringPrototypeCharAt(text, end - 1) === ' ') {
    url.path = `${StringPrototypeSlice(url.path, 0, -1)}%20`;
  }
  return parseQueryAndFragment(url, text, end);
}

/** At `?`, `#` or the end. */
function parseQueryAndFragment(url: UrlRecord, text: string, at: number): UrlRecord {
  if (at === text.length) return url;
  const hash = StringPrototypeIndexOf(text, '#', at);
  const queryEnd = hash === -1 ? text.length : hash;
  if (StringPrototypeCharAt(text, at) === '?') {
    url.query = percentEncode(text, at + 1, queryEnd, querySet(url));
  }
  if (hash !== -1) {
    url.fragment = percentEncode(text, hash + 1, text.length, percentEncodeSets.fragment);
  }
  return url;
}

export function querySet(url: UrlRecord): number {
  return url.isSpecial ? percentEncodeSets.specialQuery : percentEncodeSets.query;
}
