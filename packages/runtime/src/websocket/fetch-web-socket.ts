import { Body } from '../fetch/body.ts';
import type { Bytes } from '../fetch/body.ts';
import { HeaderList } from '../fetch/header-list.ts';
import type { RequestState } from '../fetch/request-state.ts';
import { Response, ResponseState } from '../fetch/response.ts';
import { urlModule } from '../lazy/lazy-modules.ts';
import { newList, TypeError, Uint8Array } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { Deferred } from '../safe-promise.ts';
import { concatBytes, isArrayBuffer } from '../webidl/buffer-source.ts';
import { ChannelEnd } from './channel-end.ts';
import type { ConnectAnswer, ConnectOwner } from './channel-end.ts';
import type { SocketMessage } from './socket-end.ts';
import { OpenEnd, WebSocket } from './web-socket.ts';

/** The handshake's own headers: the platform writes them. */
const handshakeHeaders = [
  'connection',
  'host',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'upgrade',
];

/** A `fetch` that asks for a WebSocket: its response has status 101 and one, or it is an ordinary one. */
class UpgradeFetch implements ConnectOwner {
  readonly #deferred = new Deferred<Response>();
  readonly #url: string;
  readonly #pieces: List<Bytes> = newList();
  #end: ChannelEnd | undefined = undefined;
  #refusal: ConnectAnswer | undefined = undefined;
  #removeAbort: (() => void) | undefined = undefined;

  constructor(url: string) {
    this.#url = url;
  }

  get promise(): Promise<Response> {
    return this.#deferred.promise;
  }

  start({ parts }: RequestState, url: string): void {
    const headers = parts.headers.copy();
    const protocols = headers.get('sec-websocket-protocol') ?? '';
    for (let i = 0; i < handshakeHeaders.length; i += 1) {
      const name = handshakeHeaders[i];
      if (name !== undefined && headers.has(name)) headers.delete(name);
    }
    this.#end = new ChannelEnd({ url, protocols, headers: headers.toFlat() }, this);
    const signal = parts.signal.state;
    this.#removeAbort = signal.addAlgorithm(() => {
      this.#end?.breakOff();
      this.#deferred.reject(signal.reason);
    });
  }

  answered(answer: ConnectAnswer): void {
    if (answer.status !== 101) {
      this.#refusal = answer;
      return;
    }
    this.#removeAbort?.();
    const end = this.#end;
    if (end === undefined) return;
    const state = this.#stateOf(answer);
    state.webSocket = new WebSocket(new OpenEnd(end, answer.protocol));
    this.#deferred.resolve(new Response(state));
  }

  body(bytes: SocketMessage): void {
    if (isArrayBuffer(bytes)) this.#pieces[this.#pieces.length] = new Uint8Array(bytes);
  }

  failed(message: string): void {
    this.#removeAbort?.();
    if (this.#refusal === undefined) {
      this.#deferred.reject(new TypeError(`fetch failed: ${message}`));
      return;
    }
    const state = this.#stateOf(this.#refusal);
    if (this.#pieces.length > 0) state.body = new Body(concatBytes(this.#pieces), undefined);
    this.#deferred.resolve(new Response(state));
  }

  #stateOf({ status, headers }: ConnectAnswer): ResponseState {
    const state = new ResponseState(new HeaderList(headers, true));
    state.status = status;
    state.url = this.#url;
    return state;
  }
}

/** Starts a fetch with `Upgrade: websocket`. Throws a TypeError when it cannot be one. */
export function fetchWebSocket(request: RequestState): Promise<Response> {
  const { method, url } = request.parts;
  const { parseUrl, serializeUrl } = urlModule.value;
  const record = parseUrl(url, undefined);
  if (record === undefined) throw new TypeError(`fetch failed: the URL is not valid: ${url}`);
  if (method !== 'GET' || request.body !== null) {
    throw new TypeError('fetch failed: a request for a WebSocket is a GET without a body');
  }
  record.fragment = null;
  const href = serializeUrl(record);
  if (record.scheme === 'https') record.scheme = 'wss';
  else if (record.scheme === 'http') record.scheme = 'ws';
  if (record.scheme !== 'wss' && record.scheme !== 'ws') {
    throw new TypeError(`fetch failed: ${record.scheme}: URLs lead to no WebSocket`);
  }
  const upgrade = new UpgradeFetch(href);
  upgrade.start(request, serializeUrl(record));
  return upgrade.promise;
}
