/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  JSONStringify,
  RangeError,
  ReflectGet,
  RegExpPrototypeExec,
  TypeError,
} from '../primordials.ts';
import { websocketModule } from '../lazy/lazy-modules.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import {
  isObject,
  requireArguments,
  toDictionary,
  toUnsignedShort,
  toUsvString,
} from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import type { WebSocket } from '../websocket/web-socket.ts';
import type { Body } from './body.ts';
import { defineBodyMethods } from './body-methods.ts';
import { extractBody } from './extract-body.ts';
import type { ExtractedBody } from './extract-body.ts';
import { HeaderList } from './header-list.ts';
import { toByteString } from './header-syntax.ts';
import { fillHeaders, Headers } from './headers.ts';
import { parseToHref } from './request-url.ts';

/** https://fetch.spec.whatwg.org/#concept-response */
export class ResponseState {
  type: 'basic' | 'default' | 'error' = 'default';
  status = 200;
  statusText = '';
  url = '';
  isRedirected = false;
  headers: HeaderList;
  body: Body | null = null;
  /** For the client, when the status is 101. */
  webSocket: WebSocket | null = null;

  constructor(headers: HeaderList) {
    this.headers = headers;
  }
}

let stateOf: (response: Response) => ResponseState;
let isResponse: (value: unknown) => value is Response;

/** The state of a response; a TypeError for anything else. */
export function responseStateOf(value: unknown): ResponseState {
  if (!isResponse(value)) throw new TypeError('Not a Response');
  return stateOf(value);
}

/** https://fetch.spec.whatwg.org/#response-class */
export class Response {
  readonly #state: ResponseState;
  #headers: Headers | undefined = undefined;

  /** @param body The runtime's own states are wrapped, anything else is a `BodyInit`. */
  constructor(body: unknown = null, init: unknown = undefined) {
    if (body instanceof ResponseState) {
      this.#state = body;
      return;
    }
    const extracted = body === null || body === undefined ? undefined : extractBody(body);
    this.#state =
      init === undefined ? plainResponse(extracted) : initialize(toResponseInit(init), extracted);
  }

  static error(): Response {
    const state = new ResponseState(new HeaderList('', true));
    state.type = 'error';
    state.status = 0;
    return new Response(state);
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, 'Response.json');
    // TypeScript does not know that functions and symbols give undefined.
    const text = JSONStringify(data) as string | undefined;
    if (text === undefined) throw new TypeError('The data cannot be written as JSON');
    const extracted = { ...extractBody(text), contentType: 'application/json' };
    return new Response(initialize(toResponseInit(init), extracted));
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const href = parseToHref(toUsvString(url));
    if (href === undefined) throw new TypeError('Response.redirect: not an absolute URL');
    const code = toUnsignedShort(status);
    if (!isRedirectStatus(code)) throw new RangeError(`${code} is not a redirect status`);
    const state = new ResponseState(new HeaderList(`location\n${href}`, true));
    state.status = code;
    return new Response(state);
  }

  get type(): string {
    return this.#state.type;
  }

  get url(): string {
    return this.#state.url;
  }

  get redirected(): boolean {
    return this.#state.isRedirected;
  }

  get status(): number {
    return this.#state.status;
  }

  get ok(): boolean {
    const { status } = this.#state;
    return status >= 200 && status <= 299;
  }

  get statusText(): string {
    return this.#state.statusText;
  }

  get headers(): Headers {
    this.#headers ??= new Headers(this.#state.headers);
    return this.#headers;
  }

  get body(): ReadableStream | null {
    return this.#state.body?.stream ?? null;
  }

  get bodyUsed(): boolean {
    return this.#state.body?.isUsed ?? false;
  }

  /** The other side of a request that asked for a WebSocket; a WebSocket for the client. */
  get webSocket(): WebSocket | null {
    return this.#state.webSocket;
  }

  clone(): Response {
    const state = this.#state;
    if (state.webSocket !== null) throw new TypeError('A response with a WebSocket has no copy');
    if (state.body?.isUnusable === true) {
      throw new TypeError('The body has already been used or is locked');
    }
    const copy = new ResponseState(state.headers.clone());
    copy.type = state.type;
    copy.status = state.status;
    copy.statusText = state.statusText;
    copy.url = state.url;
    copy.isRedirected = state.isRedirected;
    copy.body = state.body?.clone() ?? null;
    return new Response(copy);
  }

  static {
    stateOf = (response): ResponseState => response.#state;
    isResponse = (value): value is Response => isObject(value) && #state in value;
    defineInterface(this, 'Response');
    defineBodyMethods(this.prototype, responseStateOf);
  }
}

interface ResponseInit {
  readonly status: number;
  readonly statusText: string;
  readonly headers: unknown;
  readonly webSocket: WebSocket | null;
}

function toResponseInit(value: unknown): ResponseInit {
  const init = toDictionary(value, 'Response');
  const headers: unknown = ReflectGet(init, 'headers');
  const status: unknown = ReflectGet(init, 'status');
  const statusText: unknown = ReflectGet(init, 'statusText');
  const webSocket: unknown = ReflectGet(init, 'webSocket');
  return {
    headers,
    status: status === undefined ? 200 : toUnsignedShort(status),
    statusText: statusText === undefined ? '' : toByteString(statusText),
    webSocket: toWebSocket(webSocket),
  };
}

function toWebSocket(value: unknown): WebSocket | null {
  if (value === undefined || value === null) return null;
  // Before the part is loaded nothing can be one.
  if (websocketModule.loaded?.isWebSocket(value) === true) return value;
  throw new TypeError('Response: webSocket is not a WebSocket');
}

const reasonPhrase = /^[\t -~\x80-\xff]*$/;

/** https://fetch.spec.whatwg.org/#initialize-a-response */
function initialize(init: ResponseInit, extracted: ExtractedBody | undefined): ResponseState {
  const { status, statusText, headers, webSocket } = init;
  if (webSocket !== null) return switchingProtocols(init, extracted);
  if (status < 200 || status > 599) throw new RangeError(`${status} is not from 200 to 599`);
  if (RegExpPrototypeExec(reasonPhrase, statusText) === null) {
    throw new TypeError('Invalid statusText');
  }
  const state = new ResponseState(new HeaderList('', false));
  state.status = status;
  state.statusText = statusText;
  fillHeaders(state.headers, headers);
  if (extracted === undefined) return state;
  if (isNullBodyStatus(status)) throw new TypeError(`A response of status ${status} has no body`);
  state.body = extracted.body;
  const { contentType } = extracted;
  if (contentType !== undefined && !state.headers.has('content-type')) {
    state.headers.append('content-type', contentType);
  }
  return state;
}

/** The response that gives the client a WebSocket. */
function switchingProtocols(
  init: ResponseInit,
  extracted: ExtractedBody | undefined,
): ResponseState {
  if (init.status !== 101) throw new RangeError('A response with a WebSocket has status 101');
  if (extracted !== undefined) throw new TypeError('A response with a WebSocket has no body');
  const state = new ResponseState(new HeaderList('', false));
  state.status = 101;
  state.statusText = init.statusText;
  state.webSocket = init.webSocket;
  fillHeaders(state.headers, init.headers);
  return state;
}

/** Without an init, the most frequent case, nothing can be wrong. */
function plainResponse(extracted: ExtractedBody | undefined): ResponseState {
  const contentType = extracted?.contentType;
  const flat = contentType === undefined ? '' : `content-type\n${contentType}`;
  const state = new ResponseState(new HeaderList(flat, false));
  state.body = extracted?.body ?? null;
  return state;
}

export function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

function isRedirectStatus(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

export { isResponse };
