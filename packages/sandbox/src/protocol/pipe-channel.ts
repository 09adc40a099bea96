import { channelCost, type ChannelKind } from '@openworkers/runtime';
import type { FramedPipe } from './framed-pipe.ts';
import { frameTypes } from './messages.ts';
import { pieceBytes, streamWindowBytes } from './pipe-stream.ts';
import { ProtocolError } from './protocol-error.ts';

/** Grants are collected up to this much before a frame is spent on them. */
const grantBytes = streamWindowBytes / 4;
/** Longest message and text, in bytes; what a sandbox may put into one frame. */
export const maxChannelMessageBytes = 1024 * 1024;

/** What the owner of one end of a channel hears. All methods are called while a frame is being handled. */
export interface ChannelHandler {
  message(text: string): void;
  /** `PipeChannel.grant` must follow when it has been taken, with its `channelCost`. */
  data(data: Buffer | string): void;
  /** No more data comes. */
  end(text: string): void;
  /** The channel is over in both directions: the other side, or the pipe, broke it. */
  error(message: string): void;
  /** So many bytes given to `send` have left; what is not said yet waits for the peer's credit. */
  sent(bytes: number): void;
}

interface PipeChannelOptions {
  readonly id: number;
  readonly pipe: FramedPipe;
  readonly kind: ChannelKind;
  readonly onOver: () => void;
}

/**
 * One end of a channel over the pipe: the sandbox's, towards the isolate, or the runner's. Bytes
 * for `fetch` are cut as the window allows; for a `websocket` every piece is a message of its own
 * and arrives as it was sent, and the one that passes the window is sent whole.
 */
export class PipeChannel {
  readonly id: number;
  readonly #pipe: FramedPipe;
  readonly #kind: ChannelKind;
  readonly #onOver: () => void;
  readonly #queue: (Uint8Array | string)[] = [];
  #handler: ChannelHandler | undefined;
  #endText: string | undefined;
  #isSendOpen = true;
  #isReceiveOpen = true;
  #isOver = false;
  #sendCredit = streamWindowBytes;
  #receiveWindow = streamWindowBytes;
  #ungranted = 0;

  constructor(options: PipeChannelOptions) {
    this.id = options.id;
    this.#pipe = options.pipe;
    this.#kind = options.kind;
    this.#onOver = options.onOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Who hears what the other side says; set at once, before a frame can arrive. */
  set handler(handler: ChannelHandler) {
    this.#handler = handler;
  }

  message(text: string): void {
    if (!this.#isSendOpen || this.#endText !== undefined) return;
    this.#pipe.send(frameTypes.channelMessage, this.id, text);
  }

  /** Queues data; it leaves as credit allows, and `sent` tells how much did. */
  send(data: Uint8Array | string): void {
    if (!this.#isSendOpen || this.#endText !== undefined) return;
    // An empty message is one; no bytes are nothing.
    if (data.length === 0 && !this.#hasMessages) return;
    this.#queue.push(typeof data === 'string' && !this.#hasMessages ? Buffer.from(data) : data);
    this.#sendQueued();
  }

  /** The outgoing data is complete once what is queued has left. */
  end(text = ''): void {
    if (!this.#isSendOpen || this.#endText !== undefined) return;
    this.#endText = text;
    this.#sendQueued();
  }

  /** Ends both directions at once; the handler hears nothing more. */
  fail(message: string): void {
    if (this.#isOver) return;
    this.#pipe.send(frameTypes.channelError, this.id, message);
    this.#finish();
  }

  /** So many bytes were taken: the peer may send as many more. */
  grant(bytes: number): void {
    if (!this.#isReceiveOpen) return;
    this.#ungranted += bytes;
    if (this.#ungranted < grantBytes) return;
    this.#receiveWindow += this.#ungranted;
    this.#pipe.sendJson(frameTypes.streamCredit, this.id, { bytes: this.#ungranted });
    this.#ungranted = 0;
  }

  /** The pipe is gone. */
  breakOff(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#handler?.error('The process at the other end has gone');
  }

  receiveMessage(text: string): void {
    if (this.#isReceiveOpen) this.#handler?.message(text);
  }

  /** @throws ProtocolError when the peer sends more than it was allowed */
  receiveData(data: Buffer | string): void {
    const cost = channelCost(this.#kind, data.length);
    const isAllowed = this.#receiveWindow >= (this.#hasMessages ? 1 : cost);
    if (!isAllowed) throw new ProtocolError(`channel ${this.id} exceeds its window`);
    this.#receiveWindow -= cost;
    // Closed at this end while the bytes were under way.
    if (this.#isReceiveOpen) this.#handler?.data(data);
  }

  receiveEnd(text: string): void {
    if (!this.#isReceiveOpen) return;
    this.#isReceiveOpen = false;
    if (!this.#isSendOpen) this.#finish();
    this.#handler?.end(text);
  }

  receiveError(message: string): void {
    if (this.#isOver) return;
    this.#finish();
    this.#handler?.error(message);
  }

  /** @throws ProtocolError when the peer gives more credit than it can owe */
  receiveCredit(bytes: number): void {
    this.#sendCredit += bytes;
    if (this.#sendCredit > streamWindowBytes) throw new ProtocolError('too much credit');
    this.#sendQueued();
  }

  #sendQueued(): void {
    let sentBytes = 0;
    while (this.#sendCredit > 0) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const size = this.#sendPiece(next);
      this.#sendCredit -= size;
      sentBytes += size;
    }
    if (this.#endText !== undefined && this.#queue.length === 0 && this.#isSendOpen) {
      this.#isSendOpen = false;
      this.#pipe.send(frameTypes.streamEnd, this.id, this.#endText);
      if (!this.#isReceiveOpen) this.#finish();
    }
    if (sentBytes > 0) this.#handler?.sent(sentBytes);
  }

  get #hasMessages(): boolean {
    return this.#kind === 'websocket';
  }

  /** Answers what left, as it counts. */
  #sendPiece(next: Uint8Array | string): number {
    if (typeof next === 'string' || this.#hasMessages) {
      this.#queue.shift();
      const type = typeof next === 'string' ? frameTypes.channelText : frameTypes.streamData;
      this.#pipe.send(type, this.id, next);
      return channelCost(this.#kind, next.length);
    }
    const size = Math.min(next.length, this.#sendCredit, pieceBytes);
    this.#pipe.send(frameTypes.streamData, this.id, next.subarray(0, size));
    if (size === next.length) this.#queue.shift();
    else this.#queue[0] = next.subarray(size);
    return size;
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
