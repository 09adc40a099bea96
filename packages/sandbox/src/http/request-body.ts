import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyQueue, type BodyFeed } from './body-queue.ts';

/** A request body that nobody reads is still received up to this size, to keep the connection. */
const discardableBytes = 256 * 1024;

export interface RequestBodyOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Over this the body breaks off as `too_large`. */
  readonly maxBytes: number;
  /** Counts up in coarse steps; see `ConnectionTable`. */
  readonly currentTick: () => number;
  readonly onTooLarge: () => void;
  /** What `discardRest` was to throw away has come to its end. */
  readonly onDiscarded: () => void;
}

/**
 * The body of one HTTP request, taken from the socket only as fast as the worker pulls. Once the
 * response is out it can be told to throw the rest away.
 */
export class RequestBody implements BodyFeed {
  readonly queue = new BodyQueue(this);
  readonly #options: RequestBodyOptions;
  readonly #request: IncomingMessage;
  #received = 0;
  #lastByteTick = 0;
  #isAttached = false;
  #discarding: { readonly fromBytes: number; readonly sinceTick: number } | undefined;
  /** The client waits for `100 Continue` before it sends anything. */
  #mustContinue: boolean;

  constructor(options: RequestBodyOptions) {
    this.#options = options;
    this.#request = options.request;
    this.#mustContinue = this.#request.headers.expect?.toLowerCase() === '100-continue';
  }

  /**
   * Whether what is still to come is more than is worth receiving for nothing. Unknown for chunked
   * bodies, which are given a try.
   */
  get isRestLarge(): boolean {
    const length = Number(this.#request.headers['content-length'] ?? 0);
    return this.#mustContinue || length - this.#received > discardableBytes;
  }

  /** Ticks since the last byte, or 0 when the worker is not waiting for one. */
  idleTicks(): number {
    if (!this.queue.isWaiting) return 0;
    return this.#options.currentTick() - this.#lastByteTick;
  }

  /** The response is out: what is left is received, up to a bound, and forgotten. */
  discardRest(): void {
    this.queue.break('aborted');
    if (this.#discarding !== undefined) return;
    this.#discarding = {
      fromBytes: this.#request.socket.bytesRead,
      sinceTick: this.#options.currentTick(),
    };
    this.#attach();
    this.#request.resume();
  }

  /** Whether `discardRest` has gone on for more bytes, or more ticks, than the connection is worth. */
  isDiscardTooLong(maxTicks: number): boolean {
    if (this.#discarding === undefined) return false;
    const { fromBytes, sinceTick } = this.#discarding;
    // Node drops the bytes without telling us, so they are counted at the socket.
    return (
      this.#request.socket.bytesRead - fromBytes > discardableBytes ||
      this.#options.currentTick() - sinceTick >= maxTicks
    );
  }

  /** The connection broke, or was given up. */
  break(reason: 'aborted' | 'timeout' | 'too_large'): void {
    this.queue.break(reason);
  }

  resume(): void {
    this.#lastByteTick = this.#options.currentTick();
    if (this.#mustContinue && !this.#options.response.headersSent) {
      this.#mustContinue = false;
      this.#options.response.writeContinue();
    }
    this.#attach();
    this.#request.resume();
  }

  pause(): void {
    if (this.#discarding === undefined) this.#request.pause();
  }

  cancelled(): void {
    // Left in the socket until the response is out.
    if (this.#discarding === undefined) this.#request.pause();
  }

  #attach(): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    this.#request.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#request.on('end', () => {
      this.queue.complete();
      if (this.#discarding !== undefined) this.#options.onDiscarded();
    });
  }

  #receive(chunk: Buffer): void {
    this.#received += chunk.length;
    this.#lastByteTick = this.#options.currentTick();
    if (this.#discarding !== undefined) return;
    if (this.#received > this.#options.maxBytes) {
      this.#options.onTooLarge();
      return;
    }
    this.queue.push(chunk);
  }
}
