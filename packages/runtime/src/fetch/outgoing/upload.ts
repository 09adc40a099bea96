import type { Channel } from '../../dispatch/channels.ts';
import {
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeByteOffset,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { markHandled } from '../../safe-promise.ts';
import { ReadLoop } from '../../streams/read-loop.ts';
import type { ChunkConsumer } from '../../streams/read-loop.ts';
import type { ReadableState } from '../../streams/readable-state.ts';
import { exactBuffer, isUint8Array } from '../../webidl/buffer-source.ts';
import type { Bytes } from '../body.ts';

/** What is sent at once: the sandbox takes no piece above 1 MiB. */
const pieceBytes = 65_536;

/** Sends a request body as far ahead as the channel's window allows. */
export class Upload implements ChunkConsumer {
  readonly #channel: Channel;
  readonly #onFailure: (reason: unknown) => void;
  readonly #loop: ReadLoop | undefined;
  /** Bytes that wait for the window. */
  #bytes: Bytes | undefined;
  #offset = 0;
  #isOver = false;

  /** Throws a TypeError when the stream is locked. */
  constructor(
    channel: Channel,
    content: Bytes | ReadableState,
    onFailure: (reason: unknown) => void,
  ) {
    this.#channel = channel;
    this.#onFailure = onFailure;
    if (isUint8Array(content)) this.#bytes = content;
    else this.#loop = new ReadLoop(content, this);
  }

  start(): void {
    if (this.#sendWaiting()) this.#continue();
  }

  /** The window has room again. */
  advance(): void {
    if (!this.#isOver && this.#sendWaiting()) this.#continue();
  }

  /** Nobody takes the rest; the stream's source is told the reason. */
  cancel(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#bytes = undefined;
    if (this.#loop !== undefined) markHandled(this.#loop.cancel(reason));
  }

  chunk(chunk: unknown): boolean {
    if (this.#isOver) return false;
    if (!isUint8Array(chunk)) {
      const error = new TypeError('A chunk of the request body is not a Uint8Array');
      this.cancel(error);
      this.#onFailure(error);
      return false;
    }
    this.#bytes = chunk;
    this.#offset = 0;
    return this.#sendWaiting();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#channel.end();
  }

  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onFailure(reason);
  }

  /** Bytes are sent once, a stream has more. */
  #continue(): void {
    if (this.#loop === undefined) this.end();
    else this.#loop.resume();
  }

  /** True when all that waited has been sent and more may be. */
  #sendWaiting(): boolean {
    const bytes = this.#bytes;
    if (bytes === undefined) return true;
    const length = TypedArrayPrototypeByteLength(bytes);
    let hasRoom = true;
    while (hasRoom && this.#offset < length) {
      const end = this.#offset + pieceBytes < length ? this.#offset + pieceBytes : length;
      hasRoom = this.#channel.send(part(bytes, this.#offset, end));
      this.#offset = end;
    }
    if (this.#offset < length) return false;
    this.#bytes = undefined;
    // Bytes need no room for their end.
    return hasRoom || this.#loop === undefined;
  }
}

function part(bytes: Bytes, start: number, end: number): ArrayBuffer {
  const buffer = TypedArrayPrototypeBuffer(bytes);
  return exactBuffer(
    new Uint8Array(buffer, TypedArrayPrototypeByteOffset(bytes) + start, end - start),
  );
}
