import { headersProblem } from '../../engine/response-headers.ts';
import { ProtocolError } from '../../protocol/protocol-error.ts';
import {
  asRecord,
  readCount,
  readFlag,
  readOptionalText,
  readText,
} from '../../protocol/read-json.ts';

/** The argument of a `fetch` channel; the body follows as data. */
export interface FetchQuestion {
  readonly method: string;
  /** Absolute, http or https, without fragment and credentials. */
  readonly url: string;
  /** See `flattenHeaders` in `@openworkers/runtime`. */
  readonly headers: string;
  readonly hasBody: boolean;
  /** Undefined when only the end of the body tells. */
  readonly contentLength: number | undefined;
  /** Key of the `env` binding whose worker answers; undefined: the URL says who does. */
  readonly binding: string | undefined;
}

/** The `message` of a `fetch` channel: the head of the response, whose body follows as data. */
export interface FetchHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
}

const methodShape = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const urlShape = /^https?:\/\/\S+$/;
const maxUrlChars = 32 * 1024;

/**
 * Reads the argument of a `fetch` channel. Whoever wrote it may be hostile: what comes back is
 * well-formed, and no header can end before its line.
 *
 * @throws Error what is wrong with it, in words for the worker's author
 */
export function readFetchQuestion(argument: string): FetchQuestion {
  try {
    return read(argument);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new Error(`the request is not valid: ${error.problem}`, { cause: error });
  }
}

function read(argument: string): FetchQuestion {
  const record = asRecord(parse(argument), 'fetch');
  const headers = readText(record, 'headers', { max: 1024 * 1024 });
  const problem = headersProblem(headers);
  if (problem !== undefined) throw new ProtocolError(problem.replace('response', 'request'));
  return {
    method: readText(record, 'method', { max: 64, shape: methodShape }),
    url: readUrl(readText(record, 'url', { max: maxUrlChars })),
    headers,
    hasBody: readFlag(record, 'hasBody'),
    contentLength:
      record['contentLength'] === undefined ? undefined : readCount(record, 'contentLength'),
    binding: readOptionalText(record, 'binding', { max: 64 }),
  };
}

function readUrl(text: string): string {
  const url = urlShape.test(text) ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '') {
    throw new ProtocolError('the URL is not valid');
  }
  return text;
}

function parse(argument: string): unknown {
  try {
    const value: unknown = JSON.parse(argument);
    return value;
  } catch {
    throw new ProtocolError('the request is not JSON');
  }
}
