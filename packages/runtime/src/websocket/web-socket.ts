/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { EventTarget } from '../events/event-target.ts';
import { blobModule } from '../lazy/lazy-modules.ts';
import { TypedArrayPrototypeBuffer, TypeError } from '../primordials.ts';
import { copyBytes, isBufferSource } from '../webidl/buffer-source.ts';
import { isObject, requireArguments, toDomString, toUsvString } from '../webidl/convert.ts';
import { defineConstants, defineInterface } from '../webidl/define-interface.ts';
import { connectSocket } from './connect-socket.ts';
import type { SocketEnd, SocketMessage } from './socket-end.ts';
import { readyStates, SocketState } from './socket-state.ts';
import { toProtocols, toSocketUrl } from './socket-url.ts';

/** A connection that exists already; the constructor takes it from the runtime itself. */
export class OpenEnd {
  readonly end: SocketEnd;
  readonly protocol: string;

  constructor(end: SocketEnd, protocol: string) {
    this.end = end;
    this.protocol = protocol;
  }
}

let socketStateOf: (socket: WebSocket) => SocketState;
let isWebSocket: (value: unknown) => value is WebSocket;

/**
 * https://websockets.spec.whatwg.org/#the-websocket-interface, with `accept()` for the sockets of
 * `WebSocketPair` and `fetch`, which deliver nothing before it is called.
 */
export class WebSocket extends EventTarget {
  readonly #state: SocketState;

  constructor(url: unknown, protocols: unknown = undefined) {
    super();
    if (url instanceof OpenEnd) {
      this.#state = new SocketState(this, {
        readyState: readyStates.open,
        url: null,
        origin: '',
        binaryType: 'arraybuffer',
        isClient: false,
      });
      this.#state.protocol = url.protocol;
      this.#state.connect(url.end);
      return;
    }
    requireArguments(arguments.length, 1, 'WebSocket constructor');
    const text = toUsvString(url);
    const wanted = toProtocols(protocols);
    const { href, origin } = toSocketUrl(text);
    this.#state = new SocketState(this, {
      readyState: readyStates.connecting,
      url: href,
      origin,
      binaryType: 'blob',
      isClient: true,
    });
    connectSocket(this.#state, href, wanted);
    this.#state.accept();
  }

  get url(): string | null {
    return this.#state.url;
  }

  get readyState(): number {
    return this.#state.readyState;
  }

  get bufferedAmount(): number {
    return this.#state.bufferedAmount;
  }

  get extensions(): string {
    void this.#state;
    // None is ever negotiated.
    return '';
  }

  get protocol(): string {
    return this.#state.protocol;
  }

  get binaryType(): string {
    return this.#state.binaryType;
  }

  set binaryType(value: unknown) {
    const state = this.#state;
    const type = toDomString(value);
    if (type === 'blob' || type === 'arraybuffer') state.binaryType = type;
  }

  get onopen(): unknown {
    return this.#state.handlers.open.value;
  }

  set onopen(value: unknown) {
    this.#state.handlers.open.set(value);
  }

  get onmessage(): unknown {
    return this.#state.handlers.message.value;
  }

  set onmessage(value: unknown) {
    this.#state.handlers.message.set(value);
  }

  get onerror(): unknown {
    return this.#state.handlers.error.value;
  }

  set onerror(value: unknown) {
    this.#state.handlers.error.set(value);
  }

  get onclose(): unknown {
    return this.#state.handlers.close.value;
  }

  set onclose(value: unknown) {
    this.#state.handlers.close.set(value);
  }

  /** Starts delivery of what has arrived, and is needed before `send` and `close`. */
  accept(): void {
    const state = this.#state;
    if (state.isClient) throw new TypeError('A WebSocket made with new is accepted already');
    state.accept();
  }

  send(data: unknown): void {
    const state = this.#state;
    requireArguments(arguments.length, 1, 'WebSocket.send');
    state.send(toMessage(data));
  }

  close(code: unknown = undefined, reason: unknown = undefined): void {
    this.#state.close(code, reason);
  }

  static {
    socketStateOf = (socket) => socket.#state;
    isWebSocket = (value): value is WebSocket => isObject(value) && #state in value;
    defineInterface(this, 'WebSocket');
    defineConstants(this, [
      ['CONNECTING', readyStates.connecting],
      ['OPEN', readyStates.open],
      ['CLOSING', readyStates.closing],
      ['CLOSED', readyStates.closed],
    ]);
  }
}

/** WebIDL's `(BufferSource or Blob or USVString)`; the bytes are copied. */
function toMessage(data: unknown): SocketMessage {
  if (typeof data === 'string') return toUsvString(data);
  if (isBufferSource(data)) return TypedArrayPrototypeBuffer(copyBytes(data));
  const blobs = blobModule.loaded;
  if (blobs?.isBlob(data) === true) {
    return TypedArrayPrototypeBuffer(blobs.blobStateOf(data).bytes.copy());
  }
  return toUsvString(data);
}

export { isWebSocket, socketStateOf };
