import type { Socket } from 'node:net';
import type { ErrorCode } from '@openworkers/core/error-catalogue';
import { connectionStates } from '../protocol/messages.ts';
import type { ConnectionState } from '../protocol/connection-changes.ts';
import { plainAddress } from './client-address.ts';
import type { IdleCandidate, IdleWatch } from './idle-watch.ts';
import type { HttpExchange } from './http-exchange.ts';
import { onMessageBegin } from './message-begin.ts';

/** Pipelined requests that may wait before the socket is no longer read, and before it is cut. */
const pausedAfterWaiting = 32;
const cutAfterWaiting = 5_000;

export interface ConnectionTimeouts {
  /** In ticks; see `ConnectionTable`. */
  readonly headers: number;
  readonly bodyIdle: number;
  readonly keepAlive: number;
  readonly linger: number;
  readonly writeIdleMs: number;
}

/** What a connection needs of the table that holds it. */
export interface ConnectionHost {
  readonly timeouts: ConnectionTimeouts;
  readonly isDraining: boolean;
  readonly idleWatch: IdleWatch;
  currentTick(): number;
  report(connection: ClientConnection, state: ConnectionState): void;
  enqueue(exchange: HttpExchange): void;
  forget(connection: ClientConnection): void;
}

export interface ConnectionOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly isTrusted: (address: string) => boolean;
  readonly onHeadTimeout: () => void;
  /** How long it may take until the first byte. */
  readonly firstByteTicks: number;
}

/**
 * One client's connection. Requests run one after another, however many were sent ahead; between
 * them the connection is idle, and the runner may give it to another sandbox.
 */
export class ClientConnection implements IdleCandidate {
  readonly id: number;
  readonly socket: Socket;
  readonly remoteAddress: string;
  readonly isTrustedProxy: boolean;
  readonly #host: ConnectionHost;
  readonly #onHeadTimeout: () => void;
  readonly #waiting: HttpExchange[] = [];
  #current: HttpExchange | undefined;
  /** The first byte of a request was read, its head is not complete. */
  #hasBegun = false;
  /** How long it may be idle now. */
  #maxIdleTicks: number;
  /** When the connection became what it is: idle, or in the middle of a head. */
  #sinceTick: number;
  #isReportedBusy = false;
  #idleSinceStep: number | undefined;
  #isReleased = false;
  #isWatchingWrites = false;
  #isClosing = false;
  #lingerTick: number | undefined;

  constructor(host: ConnectionHost, options: ConnectionOptions) {
    this.#host = host;
    this.#onHeadTimeout = options.onHeadTimeout;
    this.#maxIdleTicks = options.firstByteTicks;
    this.id = options.id;
    this.socket = options.socket;
    this.remoteAddress = plainAddress(this.socket.remoteAddress ?? '');
    this.isTrustedProxy = options.isTrusted(this.remoteAddress);
    this.#sinceTick = host.currentTick();
    this.socket.on('close', () => this.#onClose());
    this.socket.on('end', () => this.#current?.halfClosed());
    // Reset by the client; `close` follows and does the rest.
    this.socket.on('error', () => undefined);
    this.socket.on('timeout', () => this.destroy());
    onMessageBegin(this.socket, () => this.#onMessageBegin());
  }

  /** Whether the response under way is the last of this connection. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Whether no request is in progress, the one whose head is being read apart. */
  get isFree(): boolean {
    return this.#current === undefined;
  }

  get idleSinceStep(): number | undefined {
    return this.#idleSinceStep;
  }

  /** A request head is complete. */
  request(exchange: HttpExchange): void {
    this.#hasBegun = false;
    if (this.#current !== undefined) return this.#wait(exchange);
    this.#current = exchange;
    this.#becomeBusy();
    this.#host.enqueue(exchange);
  }

  /** The response of the current request has been handed to the operating system. */
  responded(): void {
    if (this.#current === undefined) return;
    if (this.#isWatchingWrites) {
      this.#isWatchingWrites = false;
      this.socket.setTimeout(0);
    }
    if (this.#current.finish()) this.settle();
  }

  /**
   * The answer to an upgrade request, which was another than a WebSocket, is out. Nothing parses
   * what the client sends now.
   */
  refusedUpgrade(): void {
    this.linger();
    this.socket.resume();
  }

  /** What was left of a request body has been thrown away. */
  bodyDiscarded(): void {
    if (this.#lingerTick !== undefined) this.destroy();
    else this.settle();
  }

  /** Request and response are complete: on to the next, or idle. */
  settle(): void {
    const next = this.#waiting.shift();
    this.#current = next;
    this.#sinceTick = this.#host.currentTick();
    if (this.socket.writableEnded || this.socket.destroyed) return;
    if (next !== undefined) {
      if (this.#waiting.length === 0 && this.socket.isPaused()) this.socket.resume();
      this.#host.enqueue(next);
    } else if (this.#hasBegun) this.#becomeBusy();
    else if (!this.release()) this.#becomeIdle();
  }

  /**
   * While draining: gives an idle connection back. Closing the descriptor without a shutdown leaves
   * the client's connection as it is, in the runner's copy; and as no byte of a request has been
   * read (`#hasBegun`), none is lost with this process. Answers whether the connection is gone.
   */
  release(): boolean {
    if (!this.#host.isDraining || this.#isReleased) return this.#isReleased;
    const isIdle = this.#current === undefined && !this.#hasBegun && !this.#isClosing;
    if (!isIdle || this.socket.destroyed || this.socket.writableEnded) return false;
    this.#isReleased = true;
    this.socket.destroy();
    this.#host.report(this, connectionStates.released);
    return true;
  }

  /**
   * The response about to be sent is the last, and the request is not completely read. Closing at
   * once would reset the connection and could destroy the response on its way (RFC 9112 §9.6), so
   * the writing side is closed first and the rest is received and dropped for a while.
   */
  closeAfterResponse(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.socket.destroySoon = () => this.linger();
  }

  /**
   * The client broke the rules of HTTP: a request that waits for its answer gets `code`, else
   * `message` is sent; then the connection closes.
   */
  refuse(code: ErrorCode, message: () => string): void {
    if (this.#lingerTick !== undefined) return;
    if (this.#current !== undefined) return this.#current.refuse(code);
    if (!this.socket.writable) return this.destroy();
    this.#isClosing = true;
    this.#becomeBusy();
    this.socket.write(message());
    this.linger();
  }

  /** Closes the writing side and goes on receiving for a while, for the reason given above. */
  linger(): void {
    if (this.#lingerTick !== undefined) return;
    this.#isClosing = true;
    this.#lingerTick = this.#host.currentTick();
    this.socket.end();
  }

  /** Starts to watch that the client takes what it is sent. */
  watchWrites(): void {
    if (this.socket.writableLength === 0 || this.#isWatchingWrites) return;
    this.#isWatchingWrites = true;
    this.socket.setTimeout(this.#host.timeouts.writeIdleMs);
  }

  destroy(): void {
    this.socket.destroy();
  }

  confirmIdle(): void {
    this.#idleSinceStep = undefined;
    this.#isReportedBusy = false;
    this.#host.report(this, connectionStates.idle);
  }

  /** Called at every tick; one pass over all connections costs less than a timer for each request. */
  checkTimeouts(): void {
    const { timeouts } = this.#host;
    const ticks = this.#host.currentTick() - this.#sinceTick;
    if (this.#lingerTick !== undefined) {
      if (this.#host.currentTick() - this.#lingerTick >= timeouts.linger) this.destroy();
    } else if (this.#current !== undefined) this.#current.checkBody(timeouts);
    else if (this.#hasBegun) {
      if (ticks >= timeouts.headers) this.#onHeadTimeout();
    } else if (ticks >= this.#maxIdleTicks) this.destroy();
  }

  #wait(exchange: HttpExchange): void {
    this.#waiting.push(exchange);
    if (this.#waiting.length > cutAfterWaiting) this.destroy();
    else if (this.#waiting.length > pausedAfterWaiting) this.socket.pause();
  }

  #onMessageBegin(): void {
    this.#hasBegun = true;
    this.#maxIdleTicks = this.#host.timeouts.keepAlive;
    if (this.#current !== undefined) return;
    this.#sinceTick = this.#host.currentTick();
    this.#becomeBusy();
  }

  #onClose(): void {
    const current = this.#current;
    this.#current = undefined;
    this.#idleSinceStep = undefined;
    this.#waiting.length = 0;
    this.#host.forget(this);
    if (!this.#isReleased) this.#host.report(this, connectionStates.closed);
    current?.closed();
  }

  #becomeBusy(): void {
    this.#idleSinceStep = undefined;
    if (this.#isReportedBusy) return;
    this.#isReportedBusy = true;
    this.#host.report(this, connectionStates.busy);
  }

  #becomeIdle(): void {
    this.#idleSinceStep = this.#host.idleWatch.step;
    this.#host.idleWatch.add(this);
  }
}
