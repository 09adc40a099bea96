import { TypeError } from '../primordials.ts';
import { LazyAbortSignal } from '../events/lazy-abort-signal.ts';
import { streamsModule, urlModule } from '../lazy/lazy-modules.ts';
import { isObject, toUsvString } from '../webidl/convert.ts';
import type { Body } from './body.ts';
import { extractBody } from './extract-body.ts';
import { HeaderList } from './header-list.ts';
import { fillHeaders } from './headers.ts';
import type { RequestInit } from './request-init.ts';
import { RequestState } from './request-state.ts';
import type { RequestParts } from './request-state.ts';
import { parseToHref } from './request-url.ts';

/**
 * https://fetch.spec.whatwg.org/#dom-request
 *
 * @param input The state of a Request, or anything that is converted to a URL.
 */
export function newRequestState(input: unknown, init: RequestInit): RequestState {
  const source = input instanceof RequestState ? input : undefined;
  const base = source?.parts ?? { ...defaults, url: toRequestUrl(input) };
  const method = init.method ?? base.method;
  const headers = new HeaderList(init.headers === undefined ? base.headers.toFlat() : '', false);
  fillHeaders(headers, init.headers);
  const state = new RequestState({
    method,
    url: base.url,
    headers,
    signal: new LazyAbortSignal(
      init.signal === undefined ? base.signal : (init.signal ?? undefined),
    ),
    referrer: toReferrer(init.referrer) ?? base.referrer,
    referrerPolicy: init.referrerPolicy ?? base.referrerPolicy,
    mode: toMode(init.mode) ?? base.mode,
    credentials: init.credentials ?? base.credentials,
    cache: init.cache ?? base.cache,
    redirect: init.redirect ?? base.redirect,
    integrity: init.integrity ?? base.integrity,
    keepalive: init.keepalive ?? base.keepalive,
    cf: init.cf ?? base.cf,
  });
  if (state.parts.cache === 'only-if-cached' && state.parts.mode !== 'same-origin') {
    throw new TypeError('cache "only-if-cached" needs mode "same-origin"');
  }
  if (init.mode === 'no-cors' && method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    throw new TypeError('mode "no-cors" needs method GET, HEAD or POST');
  }
  state.body = bodyOf(state, source, init.body);
  return state;
}

function bodyOf(state: RequestState, source: RequestState | undefined, init: unknown): Body | null {
  const { method } = state.parts;
  const hasInit = init !== undefined && init !== null;
  const inherited = source?.body ?? null;
  if ((hasInit || inherited !== null) && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`A ${method} request cannot have a body`);
  }
  if (hasInit) {
    const { body, contentType } = extractBody(init);
    const isStream = isObject(init) && streamsModule.loaded?.isReadableStream(init) === true;
    if (isStream && state.parts.keepalive) {
      throw new TypeError('A request with keepalive cannot have a stream as its body');
    }
    if (contentType !== undefined && !state.headers.has('content-type')) {
      state.headers.append('content-type', contentType);
    }
    return body;
  }
  if (inherited?.isUnusable === true) {
    throw new TypeError('The body of the request has already been used or is locked');
  }
  return inherited?.transfer() ?? null;
}

function toRequestUrl(input: unknown): string {
  const text = toUsvString(input);
  const { parseUrl, serializeUrl } = urlModule.value;
  const url = parseUrl(text, undefined);
  if (url === undefined) throw new TypeError(`Invalid URL: ${text}`);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The URL of a request cannot include credentials');
  }
  return serializeUrl(url);
}

function toReferrer(referrer: string | undefined): string | undefined {
  if (referrer === undefined || referrer === '') return referrer;
  const url = parseToHref(referrer);
  if (url === undefined) throw new TypeError(`Invalid referrer: ${referrer}`);
  return url;
}

function toMode(mode: string | undefined): string | undefined {
  if (mode === 'navigate') throw new TypeError('A request cannot have mode "navigate"');
  return mode;
}

const defaults: Omit<RequestParts, 'url' | 'signal'> & { signal: undefined } = {
  method: 'GET',
  headers: new HeaderList('', false),
  signal: undefined,
  referrer: 'about:client',
  referrerPolicy: '',
  mode: 'cors',
  credentials: 'same-origin',
  cache: 'default',
  redirect: 'follow',
  integrity: '',
  keepalive: false,
  cf: undefined,
};
