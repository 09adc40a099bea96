import type { Duplex } from 'node:stream';
import { platformLimits } from '@openworkers/core/limits';
import type WebSocket from 'ws';
import { attachWebSocket } from './attach-web-socket.ts';
import type { IsolateSocketMemory, SocketMemory } from './socket-memory.ts';

const closeTimeoutMs = 5_000;
/** Of a short frame from a client: two bytes and the mask. */
const maskedHeaderBytes = 6;
const maxMessageBytes = platformLimits.webSocketMessageBytes.tenant;
const maxBufferedBytes = platformLimits.webSocketBufferBytes.tenant;
const maxControlFrames = platformLimits.webSocketControlFrames.tenant;

/** How the connection ended, as `CloseEvent` says it. */
export interface SocketEnding {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** This side gave it up: the client broke the protocol, or took too little. */
  readonly isFailure: boolean;
}

export interface ClientSocketListener {
  /** The bytes may be a view of a larger buffer. */
  message(data: Buffer, isBinary: boolean): void;
  /** Bytes arrived; perhaps a ping, or a part of a message. */
  activity(): void;
  /** The operating system, or the next process, has taken so many bytes of messages. */
  taken(bytes: number): void;
  /** Called once, last. */
  closed(ending: SocketEnding): void;
}

interface ClientSocketOptions {
  /** After the HTTP handshake. */
  readonly stream: Duplex;
  readonly listener: ClientSocketListener;
  readonly memory: SocketMemory;
  readonly isolateMemory: IsolateSocketMemory;
}

/** The WebSocket of a client, with every buffer bounded. */
export class ClientSocket {
  readonly #socket: WebSocket;
  readonly #listener: ClientSocketListener;
  readonly #memory: SocketMemory;
  readonly #isolateMemory: IsolateSocketMemory;
  /** Sent and not taken. */
  #sentBytes = 0;
  /** Received since the last complete message. */
  #partialBytes = 0;
  #isClosing = false;
  #isFailure = false;
  #isOver = false;
  #controlFrames = 0;
  #controlSecond = 0;

  constructor({ stream, listener, memory, isolateMemory }: ClientSocketOptions) {
    this.#listener = listener;
    this.#memory = memory;
    this.#isolateMemory = isolateMemory;
    // Before the socket's own listener, which may complete a message with it.
    stream.on('data', (chunk: Buffer) => this.#received(chunk.length));
    this.#socket = attachWebSocket(stream, { maxMessageBytes, closeTimeoutMs });
    this.#socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    this.#socket.on('ping', (data) => this.#onControl(data.length));
    this.#socket.on('pong', (data) => this.#onControl(data.length));
    this.#socket.on('error', () => {
      this.#isFailure = true;
    });
    this.#socket.on('close', (code, reason) => this.#onClose(code, reason.toString('utf8')));
  }

  /** A message that is too much ends the connection. */
  send(data: string | ArrayBuffer): void {
    if (this.#isClosing) return;
    const message = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data);
    if (message.length > maxMessageBytes) {
      this.close(1009, 'the message is too large');
      return;
    }
    if (!this.#hold({ sent: message.length }) || this.#sentBytes > maxBufferedBytes) {
      this.fail();
      return;
    }
    this.#socket.send(message, { binary: typeof data !== 'string' }, () => {
      this.#hold({ sent: -message.length });
      if (!this.#isOver) this.#listener.taken(message.length);
    });
  }

  /** Starts the closing handshake; what the client still sends is dropped. 1005 is no code. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (code === 1005) this.#socket.close();
    else this.#socket.close(code, reason);
    this.#socket.resume();
  }

  /** Ends the connection at once. */
  breakOff(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  /** Ends the connection at once, because of what this client did or did not do. */
  fail(): void {
    this.#isFailure = true;
    this.breakOff();
  }

  pause(): void {
    if (!this.#isClosing) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #onMessage(data: WebSocket.RawData, isBinary: boolean): void {
    this.#hold({ partial: -this.#partialBytes });
    // The type that ws has by default.
    if (!this.#isClosing && Buffer.isBuffer(data)) this.#listener.message(data, isBinary);
  }

  #received(bytes: number): void {
    if (this.#hold({ partial: bytes })) this.#listener.activity();
    else this.fail();
  }

  #onControl(payloadBytes: number): void {
    // They come between the parts of a message, and are no part of it.
    const frameBytes = Math.min(this.#partialBytes, payloadBytes + maskedHeaderBytes);
    this.#hold({ partial: -frameBytes });
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#controlSecond) {
      this.#controlSecond = second;
      this.#controlFrames = 0;
    }
    this.#controlFrames += 1;
    if (this.#controlFrames > maxControlFrames) this.close(1008, 'too many pings');
  }

  #onClose(code: number, reason: string): void {
    this.#isOver = true;
    this.#isClosing = true;
    this.#hold({ partial: -this.#partialBytes });
    const wasClean = code !== 1006;
    this.#listener.closed({ code, reason, wasClean, isFailure: this.#isFailure && !wasClean });
  }

  #hold({ sent = 0, partial = 0 }: { sent?: number; partial?: number }): boolean {
    const before = this.#sentBytes + this.#partialBytes;
    this.#sentBytes += sent;
    this.#partialBytes += partial;
    const after = this.#sentBytes + this.#partialBytes;
    return this.#memory.change(this.#isolateMemory, { before, after });
  }
}
