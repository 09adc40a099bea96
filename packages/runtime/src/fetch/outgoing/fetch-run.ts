import { encodeUtf8 } from '../../encoding/utf8-encode.ts';
import { urlModule } from '../../lazy/lazy-modules.ts';
import {
  RegExpPrototypeExec,
  TypedArrayPrototypeByteLength,
  TypeError,
} from '../../primordials.ts';
import { Deferred } from '../../safe-promise.ts';
import type { ReadableState } from '../../streams/readable-state.ts';
import type { UrlRecord } from '../../url/url-record.ts';
import { isUint8Array } from '../../webidl/buffer-source.ts';
import { Body } from '../body.ts';
import type { Bytes } from '../body.ts';
import { HeaderList } from '../header-list.ts';
import type { RequestState } from '../request-state.ts';
import { isNullBodyStatus, Response, ResponseState } from '../response.ts';
import { isBadPort } from './bad-ports.ts';
import { dataUrlResponse } from './data-url.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeOwner, ResponseHead } from './exchange.ts';
import { dropBodyHeaders, dropOriginHeaders, outgoingHeaders } from './outgoing-headers.ts';
import {
  becomesGet,
  isRedirectStatus,
  isSameOrigin,
  locationUrl,
  mostRedirects,
} from './redirect.ts';

/**
 * https://fetch.spec.whatwg.org/#concept-fetch for a server: no origin of one's own, so neither
 * CORS nor cookies, and a `manual` redirect is the response itself. Each redirect is an exchange of
 * its own, so that every hop passes the platform's checks.
 */
class FetchRun implements ExchangeOwner {
  readonly #deferred = new Deferred<Response>();
  readonly #request: RequestState;
  readonly #headers: HeaderList;
  readonly #binding: string | undefined;
  #method: string;
  #url: UrlRecord;
  #body: Bytes | ReadableState | undefined;
  #contentLength: number | undefined;
  #redirects = 0;
  #exchange: Exchange | undefined = undefined;
  #removeAbort: (() => void) | undefined = undefined;

  /** The request's URL has been parsed before. Marks its body used. */
  constructor(request: RequestState, url: UrlRecord, binding: string | undefined) {
    const { method, headers, cache } = request.parts;
    this.#request = request;
    this.#binding = binding;
    this.#method = method;
    this.#url = url;
    this.#headers = outgoingHeaders(headers, cache);
    const content = request.body?.takeContent();
    this.#body = typeof content === 'string' ? encodeUtf8(content) : content;
    this.#contentLength = isUint8Array(this.#body)
      ? TypedArrayPrototypeByteLength(this.#body)
      : givenLength(headers.get('content-length'));
  }

  get promise(): Promise<Response> {
    return this.#deferred.promise;
  }

  start(): void {
    const signal = this.#request.parts.signal.state;
    this.#removeAbort = signal.addAlgorithm(() => this.#abort(signal.reason));
    this.#send();
  }

  headArrived(head: ResponseHead): void {
    const { redirect } = this.#request.parts;
    if (!isRedirectStatus(head.status) || redirect === 'manual') {
      this.#respond(head);
      return;
    }
    const location = new HeaderList(head.headers, true).get('location');
    if (redirect === 'follow' && location === undefined) {
      this.#respond(head);
      return;
    }
    this.#letGo('The response was a redirect');
    if (redirect === 'error' || location === undefined) {
      this.failed('the response is a redirect, and redirects are errors here');
    } else this.#follow(head.status, location);
  }

  failed(message: string, cause?: unknown): void {
    this.#removeAbort?.();
    this.#exchange = undefined;
    this.#deferred.reject(networkError(message, cause));
  }

  #send(): void {
    if (this.#binding === undefined && isBadPort(this.#url.port)) {
      this.failed(`port ${this.#url.port} is not for HTTP`);
      return;
    }
    try {
      this.#exchange = new Exchange(
        {
          method: this.#method,
          url: urlModule.value.serializeWithoutFragment(this.#url),
          headers: this.#headers.toFlat(),
          body: this.#body,
          contentLength: this.#contentLength,
          binding: this.#binding,
        },
        this,
      );
    } catch (error) {
      this.#removeAbort?.();
      this.#deferred.reject(error);
    }
  }

  #follow(status: number, location: string): void {
    const next = locationUrl(location, this.#url);
    if (typeof next === 'string') return this.failed(next);
    this.#redirects += 1;
    if (this.#redirects > mostRedirects) return this.failed('too many redirects');
    if (status !== 303 && this.#body !== undefined && !isUint8Array(this.#body)) {
      return this.failed('a request whose body is a stream cannot be redirected');
    }
    if (becomesGet(status, this.#method)) {
      this.#method = 'GET';
      this.#body = undefined;
      this.#contentLength = undefined;
      dropBodyHeaders(this.#headers);
    }
    if (!isSameOrigin(next, this.#url)) dropOriginHeaders(this.#headers);
    this.#url = next;
    this.#send();
  }

  #respond(head: ResponseHead): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const state = new ResponseState(new HeaderList(head.headers, true));
    state.type = 'basic';
    state.status = head.status;
    state.statusText = head.statusText;
    state.url = urlModule.value.serializeWithoutFragment(this.#url);
    state.isRedirected = this.#redirects > 0;
    if (this.#method === 'HEAD' || isNullBodyStatus(head.status)) this.#letGo('No body');
    else {
      state.body = new Body(exchange.body, undefined);
      exchange.onOver = () => this.#removeAbort?.();
    }
    this.#deferred.resolve(new Response(state));
  }

  #abort(reason: unknown): void {
    this.#exchange?.abort(reason);
    this.#deferred.reject(reason);
  }

  /** The response's body is of no interest. */
  #letGo(reason: string): void {
    this.#exchange?.abort(new TypeError(reason));
  }
}

/** Starts a fetch whose signal has not aborted; with the key of a binding, of the worker behind it. */
export function runFetch(request: RequestState, binding: string | undefined): Promise<Response> {
  const { url, cache } = request.parts;
  const record = urlModule.value.parseUrl(url, undefined);
  if (record === undefined) throw networkError(`the URL is not valid: ${url}`);
  if (cache === 'only-if-cached')
    throw networkError('there is no cache, and nothing else is wanted');
  if (record.scheme === 'data') {
    const response = dataUrlResponse(record, request.parts.method);
    if (response === undefined) throw networkError('the data: URL is not valid');
    return resolved(response);
  }
  if (record.scheme !== 'http' && record.scheme !== 'https') {
    throw networkError(`${record.scheme}: URLs cannot be fetched`);
  }
  const run = new FetchRun(request, record, binding);
  run.start();
  return run.promise;
}

function resolved(state: ResponseState): Promise<Response> {
  const deferred = new Deferred<Response>();
  deferred.resolve(new Response(state));
  return deferred.promise;
}

function networkError(message: string, cause?: unknown): TypeError {
  const options = cause === undefined ? undefined : ({ __proto__: null, cause } as ErrorOptions);
  return new TypeError(`fetch failed: ${message}`, options);
}

/** The length that a worker says its stream has; the runner holds it to that. */
function givenLength(value: string | undefined): number | undefined {
  if (value === undefined || RegExpPrototypeExec(/^\d{1,15}$/, value) === null) return undefined;
  return +value;
}
