import { maxChannelDataBytes } from '../boundary.ts';
import { openChannel } from '../dispatch/channels.ts';
import type { Channel, ChannelListener } from '../dispatch/channels.ts';
import { JSONParse, JSONStringify, newList } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { enqueueMicrotask } from '../safe-promise.ts';
import { messageSize } from './message-size.ts';
import {
  brokenOff,
  type SocketClose,
  type SocketEnd,
  type SocketMessage,
  type SocketReceiver,
} from './socket-end.ts';

/** Bytes taken are collected up to this much before the sandbox is told. */
const grantBytes = 32_768;

/** What a `websocket` channel asks for; its `argument` as JSON. */
export interface ConnectRequest {
  /** `ws:` or `wss:`, without fragment. */
  readonly url: string;
  /** Separated by commas, or ''. */
  readonly protocols: string;
  /** Flat; see `flattenHeaders`. */
  readonly headers: string;
}

/** The `message` of a `websocket` channel, as JSON: how the origin answered the handshake. */
export interface ConnectAnswer {
  /** 101 when the connection is open; any other is an ordinary response, whose body follows. */
  readonly status: number;
  readonly protocol: string;
  /** Flat. */
  readonly headers: string;
}

/** Who asked for the connection. */
export interface ConnectOwner {
  answered(answer: ConnectAnswer): void;
  /** The body of an answer other than 101, as far as it is worth keeping. */
  body(bytes: SocketMessage): void;
  /** There is no connection. */
  failed(message: string): void;
}

/** A message that was given to the receiver and not taken. */
interface Untaken {
  bytes: number;
  readonly cost: number;
}

/** A WebSocket connection to somewhere else; the runner speaks the protocol. */
export class ChannelEnd implements SocketEnd, ChannelListener {
  readonly #owner: ConnectOwner;
  readonly #channel: Channel;
  #receiver: SocketReceiver | undefined = undefined;
  /** `open`: messages may pass. `refused`: another answer than 101. */
  #phase: 'connecting' | 'open' | 'refused' | 'over' = 'connecting';
  /** Messages that wait for room in the channel, from `#nextSend` on. */
  #unsent: List<SocketMessage> = newList();
  #nextSend = 0;
  #hasRoom = true;
  /** What `close()` was called with. */
  #closing: string | undefined = undefined;
  /** Arrived before there was a receiver. */
  #early: List<SocketMessage> = newList();
  #earlyClose: SocketClose | undefined = undefined;
  #untaken: List<Untaken> = newList();
  #nextUntaken = 0;
  #ungrantedCost = 0;

  /** Throws when no channel can be opened, as in module scope. */
  constructor(request: ConnectRequest, owner: ConnectOwner) {
    this.#owner = owner;
    const argument = JSONStringify({ __proto__: null, ...request });
    this.#channel = openChannel({ kind: 'websocket', argument, listener: this });
  }

  attach(receiver: SocketReceiver): void {
    this.#receiver = receiver;
    enqueueMicrotask(() => this.#deliverEarly(receiver));
  }

  send(data: SocketMessage): void {
    if (this.#phase !== 'open' || this.#closing !== undefined) return;
    if (messageSize(data) > maxChannelDataBytes) {
      this.#refuse(`a message is larger than ${maxChannelDataBytes} bytes`);
      return;
    }
    this.#unsent[this.#unsent.length] = data;
    if (this.#hasRoom) this.#flush();
  }

  take(bytes: number): void {
    let left = bytes;
    for (;;) {
      const first = this.#untaken[this.#nextUntaken];
      if (first === undefined) break;
      const part = left < first.bytes ? left : first.bytes;
      first.bytes -= part;
      left -= part;
      if (first.bytes > 0) break;
      this.#nextUntaken += 1;
      this.#ungrantedCost += first.cost;
    }
    if (this.#nextUntaken === this.#untaken.length && this.#nextUntaken > 0) {
      this.#untaken = newList();
      this.#nextUntaken = 0;
    }
    if (this.#ungrantedCost < grantBytes) return;
    this.#channel.grant(this.#ungrantedCost);
    this.#ungrantedCost = 0;
  }

  release(): void {
    // The channel is over by itself.
  }

  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#phase === 'over') {
      this.#channel.end();
      return;
    }
    this.#closing = JSONStringify({ __proto__: null, code, reason });
    this.#flush();
  }

  breakOff(): void {
    if (this.#phase !== 'over') this.#refuse('');
  }

  // ChannelListener

  message(text: string): void {
    if (this.#phase !== 'connecting') return;
    // The runner writes it.
    const answer = JSONParse(text) as ConnectAnswer;
    this.#phase = answer.status === 101 ? 'open' : 'refused';
    this.#owner.answered(answer);
  }

  data(data: SocketMessage): void {
    if (this.#phase === 'refused') {
      this.#owner.body(data);
      return;
    }
    const bytes = messageSize(data);
    this.#untaken[this.#untaken.length] = { bytes, cost: this.#channel.costOf(data) };
    if (this.#receiver === undefined) this.#early[this.#early.length] = data;
    else this.#receiver.message(data);
  }

  end(text: string): void {
    if (this.#phase === 'refused') {
      this.#phase = 'over';
      this.#channel.end();
      this.#owner.failed('the origin did not switch to the WebSocket protocol');
      return;
    }
    const { code, reason, wasClean, isFailure } = JSONParse(text) as SocketClose;
    this.#over({ code, reason, wasClean, isFailure, message: '' });
  }

  error(message: string): void {
    const wasConnecting = this.#phase === 'connecting' || this.#phase === 'refused';
    if (wasConnecting) {
      this.#phase = 'over';
      this.#owner.failed(message);
    } else this.#over({ ...brokenOff, isFailure: true, message });
  }

  ready(): void {
    this.#hasRoom = true;
    this.#flush();
  }

  /** Ends the connection from here; the receiver hears it later, as of any other end. */
  #refuse(message: string): void {
    this.#channel.reset();
    enqueueMicrotask(() => this.#over({ ...brokenOff, isFailure: true, message }));
  }

  #flush(): void {
    while (this.#hasRoom) {
      const data = this.#unsent[this.#nextSend];
      if (data === undefined) break;
      this.#unsent[this.#nextSend] = '';
      this.#nextSend += 1;
      this.#hasRoom = this.#channel.send(data);
      this.#receiver?.taken(messageSize(data));
    }
    if (this.#nextSend < this.#unsent.length) return;
    this.#unsent = newList();
    this.#nextSend = 0;
    if (this.#closing !== undefined) this.#channel.end(this.#closing);
  }

  #over(close: SocketClose): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    if (this.#receiver === undefined) this.#earlyClose = close;
    else this.#receiver.closed(close);
  }

  #deliverEarly(receiver: SocketReceiver): void {
    const early = this.#early;
    this.#early = newList();
    for (let i = 0; i < early.length; i += 1) {
      const data = early[i];
      if (data !== undefined) receiver.message(data);
    }
    if (this.#earlyClose !== undefined) receiver.closed(this.#earlyClose);
    this.#earlyClose = undefined;
  }
}
