import {
  StringPrototypeCharAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { parseHost } from './host.ts';
import { percentEncode, percentEncodeSets } from './percent-encoding.ts';
import { findAuthorityEnd, findSchemeEnd, isSlashAt, removeTabsAndNewlines } from './url-input.ts';
import { findDigitsEnd, findPortColon, querySet, setFileHost, setPort } from './url-parser.ts';
import { parsePath } from './url-path.ts';
import {
  cannotHaveCredentialsOrPort,
  defaultPort,
  isSpecialScheme,
  type UrlRecord,
} from './url-record.ts';

/*
 * The setters of https://url.spec.whatwg.org/#api, which run the parser with a state override. A
 * value that does not fit changes nothing.
 */

export function setProtocol(url: UrlRecord, value: string): void {
  const text = `${removeTabsAndNewlines(value)}:`;
  const end = findSchemeEnd(text);
  if (end === -1) return;
  const scheme = StringPrototypeToLowerCase(StringPrototypeSlice(text, 0, end));
  if (isSpecialScheme(scheme) !== url.isSpecial) return;
  const hasCredentials = url.username !== '' || url.password !== '';
  if (scheme === 'file' && (hasCredentials || url.port !== null)) return;
  if (url.scheme === 'file' && url.host === '') return;
  url.scheme = scheme;
  if (url.port === defaultPort(scheme)) url.port = null;
}

export function setUsername(url: UrlRecord, value: string): void {
  if (cannotHaveCredentialsOrPort(url)) return;
  url.username = percentEncode(value, 0, value.length, percentEncodeSets.userinfo);
}

export function setPassword(url: UrlRecord, value: string): void {
  if (cannotHaveCredentialsOrPort(url)) return;
  url.password = percentEncode(value, 0, value.length, percentEncodeSets.userinfo);
}

export function setHost(url: UrlRecord, value: string): void {
  if (url.hasOpaquePath) return;
  const text = removeTabsAndNewlines(value);
  const end = findAuthorityEnd(text, 0, url.isSpecial);
  const colon = url.scheme === 'file' ? end : findPortColon(text, 0, end);
  if (colon === 0 && colon < end) return;
  if (!changeHost(url, StringPrototypeSlice(text, 0, colon))) return;
  if (colon < end) setPort(url, text, colon + 1, findDigitsEnd(text, colon + 1));
}

export function setHostname(url: UrlRecord, value: string): void {
  if (url.hasOpaquePath) return;
  const text = removeTabsAndNewlines(value);
  const end = findAuthorityEnd(text, 0, url.isSpecial);
  if (url.scheme !== 'file' && findPortColon(text, 0, end) < end) return;
  changeHost(url, StringPrototypeSlice(text, 0, end));
}

function changeHost(url: UrlRecord, text: string): boolean {
  if (url.scheme === 'file') return setFileHost(url, text);
  const { isSpecial } = url;
  if (text === '') {
    const isNeeded = url.username !== '' || url.password !== '' || url.port !== null;
    if (isSpecial || isNeeded) return false;
  }
  const host = parseHost(text, isSpecial);
  if (host === undefined) return false;
  url.host = host;
  return true;
}

/** Sets the port to the digits the value begins with. */
export function changePort(url: UrlRecord, value: string): void {
  if (cannotHaveCredentialsOrPort(url)) return;
  if (value === '') url.port = null;
  else {
    const text = removeTabsAndNewlines(value);
    setPort(url, text, 0, findDigitsEnd(text, 0));
  }
}

export function setPathname(url: UrlRecord, value: string): void {
  if (url.hasOpaquePath) return;
  const text = removeTabsAndNewlines(value);
  const { isSpecial } = url;
  url.path = '';
  if (text === '' && !isSpecial && url.host !== null) return;
  parsePath(url, text, isSlashAt(text, 0, isSpecial) ? 1 : 0, text.length);
}

export function setSearch(url: UrlRecord, value: string): void {
  if (value === '') {
    url.query = null;
    return;
  }
  const text = removeTabsAndNewlines(
    StringPrototypeCharAt(value, 0) === '?' ? StringPrototypeSlice(value, 1) : value,
  );
  url.query = percentEncode(text, 0, text.length, querySet(url));
}

export function setHash(url: UrlRecord, value: string): void {
  if (value === '') {
    url.fragment = null;
    return;
  }
  const text = removeTabsAndNewlines(
    StringPrototypeCharAt(value, 0) === '#' ? StringPrototypeSlice(value, 1) : value,
  );
  url.fragment = percentEncode(text, 0, text.length, percentEncodeSets.fragment);
}
