import { hostOps } from '../boundary.ts';
import { encodeUtf8Into } from '../encoding/utf8-encode.ts';
import {
  MathMin,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
} from '../primordials.ts';
import { exactBuffer } from '../webidl/buffer-source.ts';
import { host } from './host.ts';
import type { PumpedEvent } from './response-pump.ts';

const pieceBytes = 64 * 1024;

/** Sends a large text or buffer of a response like a stream. */
export class ContentPump {
  readonly #event: PumpedEvent;
  #content: string | Uint8Array<ArrayBuffer>;
  #creditBytes: number;
  #offset = 0;
  #isFinished = false;

  constructor(content: string | Uint8Array<ArrayBuffer>, event: PumpedEvent, windowBytes: number) {
    this.#content = content;
    this.#event = event;
    this.#creditBytes = windowBytes;
  }

  start(): void {
    while (!this.#isFinished && this.#creditBytes > 0) {
      if (this.#offset >= sizeOf(this.#content)) this.#end();
      else this.#sendPiece();
    }
  }

  /** The client has taken so many bytes. */
  credit(bytes: number): void {
    this.#creditBytes += bytes;
    this.start();
  }

  /** Stops without a word to the sandbox. */
  cancel(): void {
    if (this.#isFinished) return;
    this.#finish();
    this.#event.settle();
  }

  #sendPiece(): void {
    const piece =
      typeof this.#content === 'string'
        ? this.#encodeNext(this.#content)
        : this.#takeNext(this.#content);
    this.#creditBytes -= TypedArrayPrototypeByteLength(piece);
    host(hostOps.responseChunk, this.#event.id, exactBuffer(piece));
  }

  #encodeNext(text: string): Uint8Array<ArrayBuffer> {
    let end = this.#offset + pieceBytes;
    // A surrogate pair stays together.
    if ((StringPrototypeCharCodeAt(text, end - 1) & 0xfc00) === 0xd800) end += 1;
    const part = StringPrototypeSlice(text, this.#offset, end);
    const bytes = new Uint8Array(pieceBytes);
    const { read, written } = encodeUtf8Into(part, bytes, pieceBytes);
    this.#offset += read;
    return new Uint8Array(TypedArrayPrototypeBuffer(bytes), 0, written);
  }

  #takeNext(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const start = this.#offset;
    this.#offset = MathMin(start + pieceBytes, TypedArrayPrototypeByteLength(bytes));
    return new Uint8Array(
      TypedArrayPrototypeBuffer(bytes),
      TypedArrayPrototypeByteOffset(bytes) + start,
      this.#offset - start,
    );
  }

  #end(): void {
    this.#finish();
    host(hostOps.responseEnd, this.#event.id);
    this.#event.settle();
  }

  #finish(): void {
    this.#isFinished = true;
    this.#content = '';
  }
}

function sizeOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? content.length : TypedArrayPrototypeByteLength(content);
}
