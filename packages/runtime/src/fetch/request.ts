/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { isObject, requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { defineBodyMethods } from './body-methods.ts';
import { newRequestState } from './new-request-state.ts';
import { Headers } from './headers.ts';
import { RequestState } from './request-state.ts';
import { toRequestInit } from './request-init.ts';

let stateOf: (request: Request) => RequestState;
let isRequest: (value: unknown) => value is Request;

/** https://fetch.spec.whatwg.org/#request-class, and `cf` as Workers have it. */
export class Request {
  readonly #state: RequestState;
  #headers: Headers | undefined = undefined;

  /** @param input The runtime's own states are wrapped, anything else is a `RequestInfo`. */
  constructor(input: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'Request');
    if (input instanceof RequestState) this.#state = input;
    else {
      const source = isRequest(input) ? input.#state : input;
      this.#state = newRequestState(source, toRequestInit(init));
    }
  }

  get method(): string {
    return this.#state.parts.method;
  }

  get url(): string {
    return this.#state.parts.url;
  }

  get headers(): Headers {
    this.#headers ??= new Headers(this.#state.headers);
    return this.#headers;
  }

  get destination(): string {
    void this.#state;
    return '';
  }

  get referrer(): string {
    return this.#state.parts.referrer;
  }

  get referrerPolicy(): string {
    return this.#state.parts.referrerPolicy;
  }

  get mode(): string {
    return this.#state.parts.mode;
  }

  get credentials(): string {
    return this.#state.parts.credentials;
  }

  get cache(): string {
    return this.#state.parts.cache;
  }

  get redirect(): string {
    return this.#state.parts.redirect;
  }

  get integrity(): string {
    return this.#state.parts.integrity;
  }

  get keepalive(): boolean {
    return this.#state.parts.keepalive;
  }

  get isReloadNavigation(): boolean {
    void this.#state;
    return false;
  }

  get isHistoryNavigation(): boolean {
    void this.#state;
    return false;
  }

  get signal(): object {
    return this.#state.parts.signal.signal;
  }

  get duplex(): string {
    void this.#state;
    return 'half';
  }

  get cf(): unknown {
    return this.#state.parts.cf;
  }

  get body(): ReadableStream | null {
    return this.#state.body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    return this.#state.body?.isUsed ?? false;
  }

  clone(): Request {
    return new Request(this.#state.clone());
  }

  static {
    stateOf = (request): RequestState => request.#state;
    isRequest = (value): value is Request => isObject(value) && #state in value;
    defineInterface(this, 'Request');
    defineBodyMethods(this.prototype, requestStateOf);
  }
}

/** The state of a request; a TypeError for anything else. */
export function requestStateOf(value: unknown): RequestState {
  if (!isRequest(value)) throw new TypeError('Not a Request');
  return stateOf(value);
}

/** The state of a `RequestInfo`; a request given as such stays usable. */
export function toRequestState(input: unknown): RequestState {
  return stateOf(isRequest(input) ? input : new Request(input));
}
