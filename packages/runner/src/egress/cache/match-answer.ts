import type { CachedResponse } from '@openworkers/sandbox';
import { combinedHeaders, flatten, headerPairs, type HeaderMap } from './flat-headers.ts';

/** Part of a body, in bytes; `end` is not part of it. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

export interface MatchAnswer extends CachedResponse {
  readonly span: ByteSpan;
}

interface Found {
  readonly response: CachedResponse;
  readonly sizeBytes: number;
  readonly ageMs: number;
  /** Flat headers of the request. */
  readonly requestHeaders: string;
}

/** What is said of the whole body, and so not of a 304 or a part. */
const bodyHeaders = new Set(['content-length', 'content-range']);

/**
 * The answer to a request from a kept response: the whole, 304 when the client has it already
 * (https://httpwg.org/specs/rfc9110.html#evaluation), or 206 and 416 when it asks for a range.
 */
export function answerMatch({ response, sizeBytes, ageMs, requestHeaders }: Found): MatchAnswer {
  const asked = combinedHeaders(requestHeaders);
  const stored = combinedHeaders(response.headers);
  const pairs = [
    ...headerPairs(response.headers).filter(([name]) => !bodyHeaders.has(name)),
    ['age', String(Math.floor(ageMs / 1000))],
    ['cf-cache-status', 'HIT'],
  ] as const;
  const whole = { start: 0, end: sizeBytes };
  const say = (status: number, span: ByteSpan, extra: readonly (readonly [string, string])[]) => ({
    status,
    statusText: status === response.status ? response.statusText : '',
    headers: flatten([...pairs, ...extra]),
    span,
  });
  if (response.status === 200 && isUnchanged(asked, stored)) return say(304, nothing, []);
  const length = ['content-length', String(sizeBytes)] as const;
  const range = response.status === 200 ? rangeOf(asked, stored, sizeBytes) : undefined;
  if (range === 'unsatisfiable') {
    return say(416, nothing, [['content-range', `bytes */${sizeBytes}`]]);
  }
  if (range !== undefined) {
    return say(206, range, [
      ['content-length', String(range.end - range.start)],
      ['content-range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`],
    ]);
  }
  return say(response.status, whole, response.status === 204 ? [] : [length]);
}

const nothing: ByteSpan = { start: 0, end: 0 };

function isUnchanged(asked: HeaderMap, stored: HeaderMap): boolean {
  const tags = asked.get('if-none-match');
  if (tags !== undefined) {
    const own = stored.get('etag');
    if (tags.trim() === '*') return true;
    return own !== undefined && tagsIn(tags).includes(withoutWeakness(own));
  }
  const since = Date.parse(asked.get('if-modified-since') ?? '');
  const modified = Date.parse(stored.get('last-modified') ?? '');
  return modified <= since;
}

function tagsIn(list: string): string[] {
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).map(withoutWeakness);
}

function withoutWeakness(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

/** One range, as nearly every client asks; more of them are answered with the whole. */
function rangeOf(
  asked: HeaderMap,
  stored: HeaderMap,
  size: number,
): ByteSpan | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(asked.get('range') ?? '');
  if (match === null || !isSameVersion(asked.get('if-range'), stored)) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}

/** https://httpwg.org/specs/rfc9110.html#field.if-range: only a strong tag or the very date will do. */
function isSameVersion(condition: string | undefined, stored: HeaderMap): boolean {
  if (condition === undefined) return true;
  const expected = condition.startsWith('"') ? stored.get('etag') : stored.get('last-modified');
  return expected === condition;
}
