import { headersProblem } from '../../engine/response-headers.ts';
import { ProtocolError } from '../../protocol/protocol-error.ts';
import {
  asRecord,
  readChoice,
  readCount,
  readOptionalText,
  readText,
  type JsonRecord,
} from '../../protocol/read-json.ts';

/** A response to keep; its body follows as data. */
export interface CachedResponse {
  readonly status: number;
  readonly statusText: string;
  /** See `flattenHeaders` in `@openworkers/runtime`. */
  readonly headers: string;
}

interface CacheTarget {
  /** Undefined is the default cache. */
  readonly name: string | undefined;
  /** Absolute, http or https, normalised and without fragment. */
  readonly url: string;
  /** Flat headers of the request. */
  readonly headers: string;
}

/**
 * The argument of a `cache` channel. The answer to `match` is a message with {@link CacheHead} or
 * null, to `delete` one with a boolean; `put` is answered by the end of the channel.
 */
export type CacheQuestion =
  | ({ readonly op: 'match' | 'delete' } & CacheTarget)
  | ({ readonly op: 'put'; readonly response: CachedResponse } & CacheTarget);

/** What a `match` found; the body follows as data. */
export interface CacheHead extends CachedResponse {
  readonly hasBody: boolean;
}

const ops = ['match', 'put', 'delete'] as const;
const maxNameChars = 1024;
const maxUrlChars = 32 * 1024;
/** https://httpwg.org/specs/rfc9112.html#status.line; as Latin-1. */
// oxlint-disable-next-line no-control-regex -- the tab is allowed
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads the argument of a `cache` channel. Whoever wrote it may be hostile: what comes back is
 * well-formed, and no header can end before its line.
 *
 * @throws ProtocolError what is wrong with it
 */
export function readCacheQuestion(argument: string): CacheQuestion {
  const record = asRecord(parse(argument), 'cache');
  const op = readChoice(record, 'op', ops);
  const target = {
    name: readOptionalText(record, 'name', { max: maxNameChars }),
    url: readUrl(readText(record, 'url', { max: maxUrlChars })),
    headers: readHeaders(record, 'headers'),
  };
  if (op !== 'put') return { op, ...target };
  return {
    op,
    ...target,
    response: {
      status: readCount(record, 'status', { min: 200, max: 599 }),
      statusText: readText(record, 'statusText', { max: 1024, shape: reasonPhrase }),
      headers: readHeaders(record, 'responseHeaders'),
    },
  };
}

function readHeaders(record: JsonRecord, key: string): string {
  const headers = readText(record, key, { max: 1024 * 1024 });
  const problem = headersProblem(headers);
  if (problem !== undefined) throw new ProtocolError(problem);
  return headers;
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ProtocolError('the URL is not valid');
  }
  url.hash = '';
  return url.href;
}

function parse(argument: string): unknown {
  try {
    const value: unknown = JSON.parse(argument);
    return value;
  } catch {
    throw new ProtocolError('the question is not JSON');
  }
}
