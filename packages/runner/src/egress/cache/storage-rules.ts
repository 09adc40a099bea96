import { combinedHeaders, type HeaderMap } from './flat-headers.ts';

const hourMs = 3_600_000;
/** Lifetimes of responses whose headers name none, as on Cloudflare; in ms. */
const defaultLifetimes: Readonly<Record<number, number>> = {
  200: 2 * hourMs,
  203: 2 * hourMs,
  204: 2 * hourMs,
  301: 2 * hourMs,
  302: hourMs / 3,
  303: hourMs / 3,
  308: 2 * hourMs,
  404: hourMs / 20,
  410: hourMs / 20,
};
/** Longest lifetime that counts: a year, as RFC 9111 suggests. In seconds. */
const maxLifetimeSeconds = 31_536_000;

interface StorableResponse {
  readonly status: number;
  readonly headers: string;
}

/**
 * How long a response may be kept by a cache that many share, in ms
 * (https://httpwg.org/specs/rfc9111.html#calculating.freshness.lifetime); 0 is not at all. What has
 * to be asked for again before each use is not kept: nobody here could ask.
 */
export function lifetimeMs({ status, headers }: StorableResponse, nowMs: number): number {
  if (status === 206 || status === 304) return 0;
  const map = combinedHeaders(headers);
  const directives = cacheControlOf(map);
  if (directives.has('no-store') || directives.has('no-cache')) return 0;
  const privateFields = directives.get('private');
  if (privateFields === '') return 0;
  // One client's cookie is no other's, unless the response says what is private about it.
  if (map.has('set-cookie') && !names(privateFields).includes('set-cookie')) return 0;
  if (map.get('vary')?.includes('*') === true) return 0;
  const explicit = explicitLifetimeMs(map, directives, nowMs);
  if (explicit === undefined) return defaultLifetimes[status] ?? 0;
  return Math.max(0, explicit - seconds(map.get('age')) * 1000);
}

/** How old the response was when it came; in ms. */
export function initialAgeMs(headers: string): number {
  return seconds(combinedHeaders(headers).get('age')) * 1000;
}

/** Names of the headers that are for one client only, in lower case. */
export function privateHeaders(map: HeaderMap): readonly string[] {
  return names(cacheControlOf(map).get('private'));
}

function explicitLifetimeMs(
  map: HeaderMap,
  directives: ReadonlyMap<string, string>,
  nowMs: number,
): number | undefined {
  const age = directives.get('s-maxage') ?? directives.get('max-age');
  if (age !== undefined) return seconds(age) * 1000;
  const expires = map.get('expires');
  if (expires === undefined) return undefined;
  const expiresMs = Date.parse(expires);
  const dateMs = Date.parse(map.get('date') ?? '');
  // Anything that is no date, as the usual "0", means the past.
  if (Number.isNaN(expiresMs)) return 0;
  const lifetime = expiresMs - (Number.isNaN(dateMs) ? nowMs : dateMs);
  return Math.min(Math.max(0, lifetime), maxLifetimeSeconds * 1000);
}

/** Names in lower case; a directive without a value has the empty one, the first of a name counts. */
function cacheControlOf(map: HeaderMap): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  const pattern = /([!#$%&'*+\-.^_`|~\w]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?/g;
  for (const [, name = '', quoted, token] of (map.get('cache-control') ?? '').matchAll(pattern)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? token ?? '');
  }
  return directives;
}

/** What is no number counts as stale, as RFC 9111 asks. */
function seconds(value: string | undefined): number {
  return value !== undefined && /^\d+$/.test(value)
    ? Math.min(Number(value), maxLifetimeSeconds)
    : 0;
}

function names(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
