import { JSONParse, ReflectGet, TypeError } from '../primordials.ts';
import { LazyAbortSignal } from '../events/lazy-abort-signal.ts';
import { isObject } from '../webidl/convert.ts';
import type { Body } from './body.ts';
import type { HeaderList } from './header-list.ts';
import { normalizeUrl } from './request-url.ts';

/** What cannot change after a request was made, except through a copy. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  readonly signal: LazyAbortSignal;
  readonly referrer: string;
  readonly referrerPolicy: string;
  readonly mode: string;
  readonly credentials: string;
  readonly cache: string;
  readonly redirect: string;
  readonly integrity: string;
  readonly keepalive: boolean;
  readonly cf: unknown;
}

/** https://fetch.spec.whatwg.org/#concept-request, as far as a server can have an opinion. */
export class RequestState {
  body: Body | null = null;
  readonly #parts: RequestParts;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  get parts(): RequestParts {
    return this.#parts;
  }

  get headers(): HeaderList {
    return this.#parts.headers;
  }

  clone(): RequestState {
    if (this.body?.isUnusable === true) {
      throw new TypeError('The body has already been used or is locked');
    }
    const copy = new RequestState(copyParts(this.#parts));
    copy.body = this.body?.clone() ?? null;
    return copy;
  }
}

/** Spreading would miss the getters of {@link IncomingParts}. */
function copyParts(parts: RequestParts): RequestParts {
  return {
    method: parts.method,
    url: parts.url,
    headers: parts.headers.copy(),
    signal: new LazyAbortSignal(parts.signal),
    referrer: parts.referrer,
    referrerPolicy: parts.referrerPolicy,
    mode: parts.mode,
    credentials: parts.credentials,
    cache: parts.cache,
    redirect: parts.redirect,
    integrity: parts.integrity,
    keepalive: parts.keepalive,
    cf: parts.cf,
  };
}

/** The parts of a request that came from a client; most workers look at few of them. */
export class IncomingParts implements RequestParts {
  readonly method: string;
  readonly headers: HeaderList;
  readonly signal = new LazyAbortSignal(undefined);
  readonly referrer = 'about:client';
  readonly referrerPolicy = '';
  readonly mode = 'cors';
  readonly credentials = 'same-origin';
  readonly cache = 'default';
  readonly redirect = 'manual';
  readonly integrity = '';
  readonly keepalive = false;
  readonly #url: string;
  readonly #extras: string;
  #cf: unknown = undefined;

  constructor(method: string, url: string, headers: HeaderList, extras: string) {
    this.method = method;
    this.#url = url;
    this.headers = headers;
    this.#extras = extras;
  }

  get url(): string {
    return normalizeUrl(this.#url);
  }

  get cf(): unknown {
    if (this.#cf === undefined) {
      const extras: unknown = JSONParse(this.#extras);
      this.#cf = isObject(extras) ? ReflectGet(extras, 'cf') : {};
    }
    return this.#cf;
  }
}
