import { urlModule } from '../../lazy/lazy-modules.ts';
import {
  NumberPrototypeToString,
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeToUpperCase,
} from '../../primordials.ts';
import type { UrlRecord } from '../../url/url-record.ts';

/** https://fetch.spec.whatwg.org/#redirect-status */
export function isRedirectStatus(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch gives up after so many. */
export const mostRedirects = 20;

/**
 * https://fetch.spec.whatwg.org/#concept-response-location-url: a location without a fragment keeps
 * that of the request. A string is what is wrong with it.
 */
export function locationUrl(location: string, current: UrlRecord): UrlRecord | string {
  const url = urlModule.value.parseUrl(escapeBytes(location), current);
  if (url === undefined) return 'the location of a redirect is not a valid URL';
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    return `a redirect to a ${url.scheme}: URL is not followed`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'a redirect to a URL with credentials is not followed';
  }
  url.fragment ??= current.fragment;
  return url;
}

/** A header's text has one character for each byte: those above ASCII are the URL's bytes as they are. */
function escapeBytes(location: string): string {
  if (RegExpPrototypeExec(beyondAscii, location) === null) return location;
  let escaped = '';
  for (let i = 0; i < location.length; i += 1) {
    const code = StringPrototypeCharCodeAt(location, i);
    const char = StringPrototypeCharAt(location, i);
    escaped +=
      code < 0x80 ? char : `%${StringPrototypeToUpperCase(NumberPrototypeToString(code, 16))}`;
  }
  return escaped;
}

const beyondAscii = /[\x80-\xff]/;

/** Whether the request goes on as a GET without its body. */
export function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

export function isSameOrigin(a: UrlRecord, b: UrlRecord): boolean {
  return a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}
