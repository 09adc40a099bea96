import type { FramedPipe } from './framed-pipe.ts';
import {
  frameTypes,
  type ForwardedFailure,
  type ForwardedResponse,
  type StreamReset,
} from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

/** Bytes of one body that may be under way in one direction, not yet taken by the receiver. */
export const streamWindowBytes = 256 * 1024;
/** Grants are collected up to this much before a frame is spent on them. */
const grantBytes = streamWindowBytes / 4;
/** Longer pieces are cut, so that one body cannot hold up the others. */
export const pieceBytes = 64 * 1024;

/**
 * What the owner of one end hears. The origin of a request hears about the response, the executor
 * about the request; all methods are called while a frame is being handled.
 */
export interface StreamHandler {
  /** A piece of the body; `PipeStream.grant` must follow once it was taken. */
  data(bytes: Uint8Array): void;
  /** The incoming body is complete. */
  end(): void;
  /** The incoming body broke off, or (`unwanted`) the outgoing one is not read any more. */
  reset(reason: StreamReset['reason']): void;
  /** So many bytes given to `send` have left; what is not said yet waits for the peer's credit. */
  sent(bytes: number): void;
  /** Origin only. */
  response(head: ForwardedResponse): void;
  /** Origin only: no response will come. */
  failure(failure: ForwardedFailure): void;
  /** Executor only. */
  clientGone(): void;
}

interface PipeStreamOptions {
  readonly id: number;
  readonly pipe: FramedPipe;
  readonly handler: StreamHandler;
  readonly onOver: () => void;
  readonly role: 'origin' | 'executor';
  /** Whether the request has a body. */
  readonly hasBody: boolean;
}

/** One end of a forwarded request. It is over when the response is. */
export class PipeStream {
  readonly id: number;
  readonly #pipe: FramedPipe;
  readonly #handler: StreamHandler;
  readonly #onOver: () => void;
  readonly #isOrigin: boolean;
  readonly #queue: Uint8Array[] = [];
  #isOver = false;
  #hasResponse = false;
  #isSendOpen: boolean;
  #isReceiveOpen: boolean;
  #isEndQueued = false;
  #sendCredit = streamWindowBytes;
  #receiveWindow = streamWindowBytes;
  #ungranted = 0;

  constructor(options: PipeStreamOptions) {
    this.id = options.id;
    this.#pipe = options.pipe;
    this.#handler = options.handler;
    this.#onOver = options.onOver;
    this.#isOrigin = options.role === 'origin';
    this.#isSendOpen = this.#isOrigin && options.hasBody;
    this.#isReceiveOpen = !this.#isOrigin && options.hasBody;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Queues a piece of the outgoing body; it leaves as credit allows, and `sent` tells how much did. */
  send(bytes: Uint8Array): void {
    if (!this.#isSendOpen || this.#isEndQueued || bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#sendQueued();
  }

  /** The outgoing body is complete once what is queued has left. */
  end(): void {
    if (!this.#isSendOpen) return;
    this.#isEndQueued = true;
    this.#sendQueued();
  }

  /** The outgoing body breaks off. */
  reset(reason: Exclude<StreamReset['reason'], 'unwanted'>): void {
    if (!this.#isSendOpen) return;
    this.#queue.length = 0;
    this.#isSendOpen = false;
    this.#pipe.sendJson(frameTypes.streamReset, this.id, { reason } satisfies StreamReset);
    if (!this.#isOrigin) this.#finish();
  }

  /** The rest of the incoming request body is not wanted. */
  refuseRest(): void {
    if (!this.#isReceiveOpen || this.#isOrigin) return;
    this.#isReceiveOpen = false;
    this.#pipe.sendJson(frameTypes.streamReset, this.id, {
      reason: 'unwanted',
    } satisfies StreamReset);
  }

  /** So many bytes of the incoming body were taken: the peer may send as many more. */
  grant(bytes: number): void {
    if (!this.#isReceiveOpen) return;
    this.#ungranted += bytes;
    if (this.#ungranted < grantBytes) return;
    this.#receiveWindow += this.#ungranted;
    this.#pipe.sendJson(frameTypes.streamCredit, this.id, { bytes: this.#ungranted });
    this.#ungranted = 0;
  }

  /** Executor: the response head; `send` and `end` follow when it has a body. */
  respond(head: ForwardedResponse): void {
    if (this.#isOver || this.#isOrigin || this.#hasResponse) return;
    this.#hasResponse = true;
    this.#isSendOpen = head.hasBody;
    this.#pipe.sendJson(frameTypes.responseHead, this.id, head);
    if (!head.hasBody) this.#finish();
  }

  /** Executor: no response comes. */
  fail(failure: ForwardedFailure): void {
    if (this.#isOver || this.#isOrigin || this.#hasResponse) return;
    this.#pipe.sendJson(frameTypes.responseFail, this.id, failure);
    this.#finish();
  }

  /** Origin: the client has gone; nothing more is heard of this stream. */
  leave(): void {
    if (this.#isOver || !this.#isOrigin) return;
    this.#pipe.send(frameTypes.clientGone, this.id);
    this.#finish();
  }

  /** The pipe is gone. */
  breakOff(): void {
    if (this.#isOver) return;
    this.#finish();
    if (!this.#isOrigin) this.#handler.clientGone();
    else if (this.#hasResponse) this.#handler.reset('aborted');
    else this.#handler.failure({ reason: 'SandboxLost' });
  }

  receiveData(bytes: Buffer): void {
    this.#receiveWindow -= bytes.length;
    if (this.#receiveWindow < 0) throw new ProtocolError(`stream ${this.id} exceeds its window`);
    // Closed at this end while the bytes were under way.
    if (!this.#isReceiveOpen) return;
    this.#handler.data(bytes);
  }

  receiveEnd(): void {
    if (!this.#isReceiveOpen) return;
    this.#isReceiveOpen = false;
    this.#handler.end();
    if (this.#isOrigin) this.#finish();
  }

  receiveReset({ reason }: StreamReset): void {
    if (this.#isOrigin && reason === 'unwanted') {
      this.#isSendOpen = false;
      this.#queue.length = 0;
      this.#handler.reset('unwanted');
      return;
    }
    if (reason === 'unwanted' || !this.#isReceiveOpen) return;
    this.#isReceiveOpen = false;
    if (this.#isOrigin) this.#finish();
    this.#handler.reset(reason);
  }

  receiveCredit(bytes: number): void {
    // More than the window can never be owed: a peer that says so is broken.
    this.#sendCredit += bytes;
    if (this.#sendCredit > streamWindowBytes) throw new ProtocolError('too much credit');
    this.#sendQueued();
  }

  receiveResponse(head: ForwardedResponse): void {
    if (!this.#isOrigin || this.#hasResponse) throw new ProtocolError('unexpected response head');
    this.#hasResponse = true;
    this.#isReceiveOpen = head.hasBody;
    this.#handler.response(head);
    if (!head.hasBody) this.#finish();
  }

  receiveFailure(failure: ForwardedFailure): void {
    if (!this.#isOrigin || this.#hasResponse) throw new ProtocolError('unexpected failure');
    this.#finish();
    this.#handler.failure(failure);
  }

  receiveClientGone(): void {
    if (this.#isOrigin) throw new ProtocolError('unexpected client');
    this.#finish();
    this.#handler.clientGone();
  }

  #sendQueued(): void {
    let sentBytes = 0;
    while (this.#sendCredit > 0) {
      const piece = this.#queue[0];
      if (piece === undefined) break;
      const size = Math.min(piece.length, this.#sendCredit, pieceBytes);
      this.#pipe.send(frameTypes.streamData, this.id, piece.subarray(0, size));
      if (size === piece.length) this.#queue.shift();
      else this.#queue[0] = piece.subarray(size);
      this.#sendCredit -= size;
      sentBytes += size;
    }
    if (this.#isEndQueued && this.#queue.length === 0 && this.#isSendOpen) {
      this.#isSendOpen = false;
      this.#pipe.send(frameTypes.streamEnd, this.id);
      if (!this.#isOrigin) this.#finish();
    }
    if (sentBytes > 0) this.#handler.sent(sentBytes);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isSendOpen = false;
    this.#isReceiveOpen = false;
    this.#queue.length = 0;
    this.#onOver();
  }
}
