/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { toRequestState } from '../fetch/request.ts';
import type { RequestState } from '../fetch/request-state.ts';
import { responseStateOf } from '../fetch/response.ts';
import type { Response, ResponseState } from '../fetch/response.ts';
import {
  Error,
  ReflectGet,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
} from '../primordials.ts';
import { markHandled, promiseReject, promiseResolve } from '../safe-promise.ts';
import { requireArguments, toBoolean, toDictionary } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { CacheExchange } from './cache-exchange.ts';

const key = {};

/**
 * The Cache API as Workers have it: responses under the URL of their request, for as long as their
 * own headers allow. The entries are the tenant's, and the platform's to forget at any time.
 */
export class Cache {
  /** Undefined is the default cache. */
  readonly #name: string | undefined;

  constructor(given: unknown = undefined, name: string | undefined = undefined) {
    if (given !== key) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  /** Undefined when there is nothing fresh; 206, 304 and 416 as the request's headers ask. */
  match(request: unknown, options: unknown = undefined): Promise<Response | undefined> {
    try {
      const name = this.#name;
      requireArguments(arguments.length, 1, 'Cache.match');
      const state = toRequestState(request);
      if (!isAnswerable(state, options)) return promiseResolve(undefined);
      return new CacheExchange(question('match', name, state)).match();
    } catch (error) {
      return promiseReject(error);
    }
  }

  /** Resolves when the response is complete and kept, or when it may not be kept at all. */
  put(request: unknown, response: unknown): Promise<undefined> {
    try {
      const name = this.#name;
      requireArguments(arguments.length, 2, 'Cache.put');
      const state = toRequestState(request);
      const answer = responseStateOf(response);
      checkPut(state, answer);
      const { body, status, statusText, headers } = answer;
      if (status === 304) {
        // It answers one client's condition, and would be wrong for everybody else.
        if (body !== null) markHandled(body.cancel(undefined));
        return promiseResolve(undefined);
      }
      const stored = { status, statusText, responseHeaders: headers.toFlat() };
      return new CacheExchange({ ...question('put', name, state), ...stored }).put(body);
    } catch (error) {
      return promiseReject(error);
    }
  }

  /** Whether there was something to delete. */
  delete(request: unknown, options: unknown = undefined): Promise<boolean> {
    try {
      const name = this.#name;
      requireArguments(arguments.length, 1, 'Cache.delete');
      const state = toRequestState(request);
      if (!isAnswerable(state, options)) return promiseResolve(false);
      return new CacheExchange(question('delete', name, state)).delete();
    } catch (error) {
      return promiseReject(error);
    }
  }

  add(_request: unknown): Promise<undefined> {
    return notImplemented('Cache.add');
  }

  addAll(_requests: unknown): Promise<undefined> {
    return notImplemented('Cache.addAll');
  }

  matchAll(): Promise<Response[]> {
    return notImplemented('Cache.matchAll');
  }

  keys(): Promise<unknown[]> {
    return notImplemented('Cache.keys');
  }

  static {
    defineInterface(this, 'Cache');
  }
}

export function createCache(name: string | undefined): Cache {
  return new Cache(key, name);
}

/** What is asked of the platform; `CacheQuestion` of the sandbox reads it. */
export interface CacheCall {
  readonly op: 'match' | 'put' | 'delete';
  readonly name: string | undefined;
  readonly url: string;
  /** Flat headers of the request. */
  readonly headers: string;
}

function question(op: CacheCall['op'], name: string | undefined, state: RequestState): CacheCall {
  return { op, name, url: withoutFragment(state.parts.url), headers: state.headers.toFlat() };
}

function isAnswerable({ parts }: RequestState, options: unknown): boolean {
  const given = toDictionary<'ignoreMethod' | 'ignoreSearch' | 'ignoreVary'>(options, 'Cache');
  for (let i = 0; i < refusedOptions.length; i += 1) {
    const name = refusedOptions[i] ?? '';
    if (ReflectGet(given, name) !== undefined) {
      throw new TypeError(`The option ${name} is not implemented`);
    }
  }
  const ignoresMethod = toBoolean(ReflectGet(given, 'ignoreMethod'));
  return isHttp(parts.url) && (ignoresMethod || parts.method === 'GET');
}

/** Workers have neither: the key is what the worker makes of the request. */
const refusedOptions = ['ignoreSearch', 'ignoreVary'];

function checkPut({ parts }: RequestState, response: ResponseState): void {
  if (parts.method !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
  if (!isHttp(parts.url)) throw new TypeError('Cannot cache under a URL that is not http or https');
  const { status, headers, body } = response;
  if (response.type === 'error') throw new TypeError('Cannot cache an error response');
  if (status === 206) {
    throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
  }
  if (status < 200) throw new TypeError(`Cannot cache a response of status ${status}`);
  if (StringPrototypeIndexOf(headers.get('vary') ?? '', '*') >= 0) {
    throw new TypeError("Cannot cache response with 'Vary: *' header.");
  }
  if (body?.isUnusable === true) {
    throw new TypeError('The body of the response has already been used or is locked');
  }
}

function isHttp(url: string): boolean {
  return StringPrototypeStartsWith(url, 'https:') || StringPrototypeStartsWith(url, 'http:');
}

function withoutFragment(url: string): string {
  const at = StringPrototypeIndexOf(url, '#');
  return at < 0 ? url : StringPrototypeSlice(url, 0, at);
}

function notImplemented(name: string): Promise<never> {
  return promiseReject(new Error(`${name} is not implemented`));
}
