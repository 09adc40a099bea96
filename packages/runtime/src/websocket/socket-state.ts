import { CloseEvent } from '../events/close-event.ts';
import { ErrorEvent } from '../events/error-event.ts';
import { EventHandler } from '../events/event-handler.ts';
import { dispatchTrusted, type EventTarget } from '../events/event-target.ts';
import { Event } from '../events/event.ts';
import { MessageEvent } from '../events/message-event.ts';
import { blobModule, domExceptionModule } from '../lazy/lazy-modules.ts';
import { TypeError, Uint8Array } from '../primordials.ts';
import { toCloseArguments } from './close-arguments.ts';
import { messageSize } from './message-size.ts';
import { brokenOff } from './socket-end.ts';
import type { SocketClose, SocketEnd, SocketMessage, SocketReceiver } from './socket-end.ts';

export const readyStates = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
type ReadyState = (typeof readyStates)[keyof typeof readyStates];

/** `idle`: neither accepted nor given to a client; what arrives waits. */
type Use = 'idle' | 'accepted' | 'given';

interface SocketInit {
  readonly readyState: ReadyState;
  /** Null for what no URL leads to. */
  readonly url: string | null;
  readonly origin: string;
  readonly binaryType: 'arraybuffer' | 'blob';
  /** Made by `new WebSocket()`: the standard's rules for pages, and nothing to accept. */
  readonly isClient: boolean;
}

/** What is behind a `WebSocket`: https://websockets.spec.whatwg.org/ */
export class SocketState implements SocketReceiver {
  readyState: ReadyState;
  readonly url: string | null;
  readonly isClient: boolean;
  protocol = '';
  binaryType: 'arraybuffer' | 'blob';
  bufferedAmount = 0;
  readonly handlers: SocketHandlers;
  readonly #target: EventTarget;
  readonly #origin: string;
  #use: Use = 'idle';
  #end: SocketEnd | undefined = undefined;

  constructor(target: EventTarget, init: SocketInit) {
    this.#target = target;
    this.#origin = init.origin;
    this.readyState = init.readyState;
    this.url = init.url;
    this.binaryType = init.binaryType;
    this.isClient = init.isClient;
    this.handlers = new SocketHandlers(target);
  }

  /** The connection it stands for; nothing is delivered before {@link accept}. */
  connect(end: SocketEnd): void {
    this.#end = end;
  }

  /** Starts delivery; a second time it does nothing. */
  accept(): void {
    if (this.#use === 'given') {
      throw new TypeError('This WebSocket was given to a client in a Response');
    }
    if (this.#use === 'accepted') return;
    this.#use = 'accepted';
    this.#end?.attach(this);
  }

  /** Whether a Response can give it to a client. */
  get isFree(): boolean {
    return this.#use === 'idle' && !this.isClient;
  }

  /** Takes the connection away, for a client. */
  give(): SocketEnd {
    const end = this.#end;
    if (end === undefined || !this.isFree) throw new TypeError('The WebSocket is already in use');
    this.#use = 'given';
    return end;
  }

  /** @param data Converted already. */
  send(data: SocketMessage): void {
    if (this.readyState === readyStates.connecting) {
      const { DOMException } = domExceptionModule.value;
      throw new DOMException('The WebSocket is still connecting', 'InvalidStateError');
    }
    this.#requireAccepted('send');
    this.bufferedAmount += messageSize(data);
    if (this.readyState === readyStates.open) this.#end?.send(data);
  }

  close(code: unknown, reason: unknown): void {
    // Handlers of `close` often answer with the code they were told, 1006 among them.
    if (!this.isClient && this.readyState >= readyStates.closing) return;
    const checked = toCloseArguments(code, reason, !this.isClient);
    if (this.readyState >= readyStates.closing) return;
    this.#requireAccepted('close');
    const wasConnecting = this.readyState === readyStates.connecting;
    this.readyState = readyStates.closing;
    if (wasConnecting) this.#end?.breakOff(brokenOff);
    else this.#end?.close(checked.code, checked.reason);
  }

  /** The handshake of an outgoing connection is done. */
  opened(protocol: string): void {
    if (this.readyState !== readyStates.connecting) return;
    this.readyState = readyStates.open;
    this.protocol = protocol;
    dispatchTrusted(this.#target, new Event('open'));
  }

  // SocketReceiver

  message(data: SocketMessage): void {
    if (this.readyState === readyStates.open) {
      const init = { __proto__: null, data: this.#toData(data), origin: this.#origin };
      dispatchTrusted(this.#target, new MessageEvent('message', init));
    }
    this.#end?.take(messageSize(data));
  }

  closed(close: SocketClose): void {
    const { code, reason, wasClean } = close;
    if (this.readyState === readyStates.closed) return;
    this.readyState = readyStates.closed;
    // Completes the handshake if the other side began it.
    if (wasClean) this.#end?.close(code, reason);
    else this.#end?.breakOff(brokenOff);
    if (close.isFailure) this.#dispatchError(close);
    const init = { __proto__: null, code, reason, wasClean };
    dispatchTrusted(this.#target, new CloseEvent('close', init));
    this.#end?.release();
  }

  released(): void {
    // What this side closed is closed when the other side's close arrives.
  }

  taken(bytes: number): void {
    const left = this.bufferedAmount - bytes;
    this.bufferedAmount = left > 0 ? left : 0;
  }

  #dispatchError(close: SocketClose): void {
    // More than the standard's plain event, for whoever looks why.
    const init = {
      __proto__: null,
      message: close.message === '' ? 'The connection broke off' : close.message,
    };
    dispatchTrusted(this.#target, new ErrorEvent('error', init));
  }

  #requireAccepted(name: string): void {
    if (this.#use === 'accepted') return;
    if (this.#use === 'given') throw new TypeError(`${name}: this WebSocket was given to a client`);
    throw new TypeError(`${name}: accept() must be called first`);
  }

  #toData(data: SocketMessage): unknown {
    if (typeof data === 'string' || this.binaryType === 'arraybuffer') return data;
    const { Blob, BlobState, ByteRange } = blobModule.value;
    return new Blob(new BlobState(new ByteRange(new Uint8Array(data), 0, messageSize(data)), ''));
  }
}

/** The `on…` attributes. */
class SocketHandlers {
  readonly open: EventHandler;
  readonly message: EventHandler;
  readonly error: EventHandler;
  readonly close: EventHandler;

  constructor(target: EventTarget) {
    this.open = new EventHandler(target, 'open');
    this.message = new EventHandler(target, 'message');
    this.error = new EventHandler(target, 'error');
    this.close = new EventHandler(target, 'close');
  }
}
