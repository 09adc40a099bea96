import {
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import { parseHost } from '../url/host.ts';
import { percentEncode, percentEncodeSets } from '../url/percent-encoding.ts';
import { findAuthorityEnd, findPathEnd, removeTabsAndNewlines } from '../url/url-input.ts';
import { findDigitsEnd, findPortColon, parseUrl, setPort } from '../url/url-parser.ts';
import { parsePath } from '../url/url-path.ts';
import { UrlRecord } from '../url/url-record.ts';

/*
 * The encoding callbacks of https://urlpattern.spec.whatwg.org/#canon-encoding-callbacks: each
 * brings a piece of a component into the form that it has in a parsed URL.
 */

export function canonicalizeProtocol(value: string): string {
  if (value === '') return value;
  const url = parseUrl(`${value}://dummy.invalid/`, undefined);
  if (url === undefined) throw new TypeError(`Invalid protocol: ${value}`);
  return url.scheme;
}

/** Of a username, and of a password. */
export function canonicalizeUserinfo(value: string): string {
  return percentEncode(value, 0, value.length, percentEncodeSets.userinfo);
}

export function canonicalizeHostname(value: string): string {
  if (value === '') return value;
  const text = removeTabsAndNewlines(value);
  const end = findAuthorityEnd(text, 0, true);
  const hasPort = findPortColon(text, 0, end) < end;
  const host =
    hasPort || end === 0 ? undefined : parseHost(StringPrototypeSlice(text, 0, end), true);
  if (host === undefined) throw new TypeError(`Invalid hostname: ${value}`);
  return host;
}

/** Part of an address: only its characters can be checked. */
export function canonicalizeIpv6Hostname(value: string): string {
  if (RegExpPrototypeExec(/^[0-9A-Fa-f[\]:]*$/, value) === null) {
    throw new TypeError(`Invalid hostname: ${value}`);
  }
  return StringPrototypeToLowerCase(value);
}

export function canonicalizePort(value: string, protocol: string = ''): string {
  if (value === '') return value;
  const url = new UrlRecord(protocol);
  const text = removeTabsAndNewlines(value);
  const end = findDigitsEnd(text, 0);
  if (end === 0 || !setPort(url, text, 0, end)) throw new TypeError(`Invalid port: ${value}`);
  return url.port === null ? '' : `${url.port}`;
}

export function canonicalizePathname(value: string): string {
  if (value === '') return value;
  // A piece in the middle of a path must not get a slash.
  const isWhole = StringPrototypeCharAt(value, 0) === '/';
  const text = removeTabsAndNewlines(isWhole ? value : `/-${value}`);
  const url = new UrlRecord('https');
  parsePath(url, text, 1, text.length);
  return isWhole ? url.path : StringPrototypeSlice(url.path, 2);
}

export function canonicalizeOpaquePathname(value: string): string {
  const text = removeTabsAndNewlines(value);
  return percentEncode(text, 0, findPathEnd(text, 0), percentEncodeSets.c0Control);
}

export function canonicalizeSearch(value: string): string {
  const text = removeTabsAndNewlines(value);
  return percentEncode(text, 0, text.length, percentEncodeSets.specialQuery);
}

export function canonicalizeHash(value: string): string {
  const text = removeTabsAndNewlines(value);
  return percentEncode(text, 0, text.length, percentEncodeSets.fragment);
}
