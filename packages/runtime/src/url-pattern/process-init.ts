import {
  StringPrototypeCharAt,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} from '../primordials.ts';
import { parseUrl } from '../url/url-parser.ts';
import { isSpecialScheme, type UrlRecord } from '../url/url-record.ts';
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeOpaquePathname,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUserinfo,
} from './canonicalize.ts';
import { ComponentTexts } from './component-texts.ts';
import { escapePattern } from './escape.ts';

/**
 * The components of a pattern, from what a worker gives for them and what a base URL adds.
 * https://urlpattern.spec.whatwg.org/#process-a-urlpatterninit with the type `pattern`.
 *
 * @throws TypeError when the base URL is not valid
 */
export function processPattern(init: ComponentTexts): ComponentTexts {
  const result = new ComponentTexts();
  const base = baseOf(init);
  if (base !== undefined) inherit(result, init, base, escapePattern);
  result.protocol = withoutColon(init.protocol) ?? result.protocol;
  result.username = init.username;
  result.password = init.password;
  result.hostname = init.hostname ?? result.hostname;
  result.port = init.port ?? result.port;
  if (init.pathname !== undefined) {
    result.pathname = resolvePathname(init.pathname, base, escapePattern);
  }
  result.search = withoutFirst(init.search, '?') ?? result.search;
  result.hash = withoutFirst(init.hash, '#') ?? result.hash;
  return result;
}

/**
 * The components of something to match, in the form that they have in a parsed URL; missing ones are
 * empty. The same algorithm with the type `url`.
 *
 * @throws TypeError when one of them cannot be part of a URL
 */
export function processUrl(init: ComponentTexts): Required<ComponentTexts> {
  const result = new ComponentTexts();
  const base = baseOf(init);
  if (base !== undefined) {
    inherit(result, init, base, asIs);
    inheritUserinfo(result, init, base);
  }
  const { protocol, username, password, hostname, port, pathname } = init;
  const search = withoutFirst(init.search, '?');
  const hash = withoutFirst(init.hash, '#');
  if (protocol !== undefined) result.protocol = canonicalizeProtocol(withoutColon(protocol) ?? '');
  if (username !== undefined) result.username = canonicalizeUserinfo(username);
  if (password !== undefined) result.password = canonicalizeUserinfo(password);
  if (hostname !== undefined) result.hostname = canonicalizeHostname(hostname);
  const scheme = result.protocol ?? '';
  if (port !== undefined) result.port = canonicalizePort(port, scheme);
  if (pathname !== undefined) {
    const resolved = resolvePathname(pathname, base, asIs);
    const isHierarchical = scheme === '' || isSpecialScheme(scheme);
    result.pathname = isHierarchical
      ? canonicalizePathname(resolved)
      : canonicalizeOpaquePathname(resolved);
  }
  if (search !== undefined) result.search = canonicalizeSearch(search);
  if (hash !== undefined) result.hash = canonicalizeHash(hash);
  return result;
}

type Escape = (text: string) => string;

function asIs(text: string): string {
  return text;
}

function baseOf({ baseURL }: ComponentTexts): UrlRecord | undefined {
  if (baseURL === undefined) return undefined;
  const base = parseUrl(baseURL, undefined);
  if (base === undefined) throw new TypeError(`Invalid base URL: ${baseURL}`);
  return base;
}

/** A component comes from the base unless it, or one before it in a URL, is given. */
function inherit(
  result: ComponentTexts,
  init: ComponentTexts,
  base: UrlRecord,
  escape: Escape,
): void {
  if (init.protocol !== undefined) return;
  result.protocol = escape(base.scheme);
  if (init.hostname !== undefined) return;
  result.hostname = escape(base.host ?? '');
  if (init.port !== undefined) return;
  result.port = base.port === null ? '' : `${base.port}`;
  if (init.pathname !== undefined) return;
  result.pathname = escape(base.path);
  if (init.search !== undefined) return;
  result.search = escape(base.query ?? '');
  if (init.hash === undefined) result.hash = escape(base.fragment ?? '');
}

function inheritUserinfo(result: ComponentTexts, init: ComponentTexts, base: UrlRecord): void {
  const isOther =
    init.protocol !== undefined || init.hostname !== undefined || init.port !== undefined;
  if (isOther || init.username !== undefined) return;
  result.username = base.username;
  if (init.password === undefined) result.password = base.password;
}

/** A relative path is put beside the last segment of the base's. */
function resolvePathname(pathname: string, base: UrlRecord | undefined, escape: Escape): string {
  if (base === undefined || base.hasOpaquePath) return pathname;
  const isPattern = escape === escapePattern;
  if (isAbsolutePathname(pathname, isPattern)) return pathname;
  const basePath = escape(base.path);
  const slash = StringPrototypeLastIndexOf(basePath, '/');
  return slash < 0 ? pathname : StringPrototypeSlice(basePath, 0, slash + 1) + pathname;
}

function isAbsolutePathname(pathname: string, isPattern: boolean): boolean {
  if (StringPrototypeStartsWith(pathname, '/')) return true;
  return (
    isPattern &&
    (StringPrototypeStartsWith(pathname, '\\/') || StringPrototypeStartsWith(pathname, '{/'))
  );
}

function withoutColon(protocol: string | undefined): string | undefined {
  if (protocol === undefined) return undefined;
  const last = protocol.length - 1;
  return StringPrototypeCharAt(protocol, last) === ':'
    ? StringPrototypeSlice(protocol, 0, last)
    : protocol;
}

function withoutFirst(text: string | undefined, prefix: string): string | undefined {
  return text !== undefined && StringPrototypeStartsWith(text, prefix)
    ? StringPrototypeSlice(text, 1)
    : text;
}
