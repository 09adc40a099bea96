import { hostOps } from '../boundary.ts';
import { ArrayBufferPrototypeByteLength, TypeError } from '../primordials.ts';
import { markHandled } from '../safe-promise.ts';
import { ReadLoop } from '../streams/read-loop.ts';
import type { ChunkConsumer } from '../streams/read-loop.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import { exactBuffer, isUint8Array } from '../webidl/buffer-source.ts';
import { describeError } from './describe-error.ts';
import { host } from './host.ts';

/** The event whose response is sent piece by piece. */
export interface PumpedEvent {
  readonly id: number;
  readonly isOver: boolean;
  reportBackgroundError(reason: unknown): void;
  settle(): void;
}

/** Sends a response stream to the sandbox, as far ahead of the client as the window allows. */
export class ResponsePump implements ChunkConsumer {
  readonly #event: PumpedEvent;
  readonly #loop: ReadLoop;
  #creditBytes: number;
  #isFinished = false;

  /** Throws a TypeError when the stream is locked. */
  constructor(stream: ReadableState, event: PumpedEvent, windowBytes: number) {
    this.#event = event;
    this.#creditBytes = windowBytes;
    this.#loop = new ReadLoop(stream, this);
  }

  start(): void {
    this.#loop.resume();
  }

  /** The client has taken so many bytes. */
  credit(bytes: number): void {
    const wasPaused = this.#creditBytes <= 0;
    this.#creditBytes += bytes;
    if (wasPaused && this.#creditBytes > 0 && !this.#isFinished) this.#loop.resume();
  }

  /** Stops without a word to the sandbox; the stream's source is told the reason. */
  cancel(reason: string): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    markHandled(this.#loop.cancel(new TypeError(reason)));
    this.#event.settle();
  }

  chunk(chunk: unknown): boolean {
    if (this.#isFinished) return false;
    if (!isUint8Array(chunk)) {
      const error = new TypeError('A chunk of the response stream is not a Uint8Array');
      markHandled(this.#loop.cancel(error));
      this.fail(error);
      return false;
    }
    const buffer = exactBuffer(chunk);
    const sizeBytes = ArrayBufferPrototypeByteLength(buffer);
    if (sizeBytes === 0) return true;
    host(hostOps.responseChunk, this.#event.id, buffer);
    this.#creditBytes -= sizeBytes;
    return this.#creditBytes > 0;
  }

  end(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    host(hostOps.responseEnd, this.#event.id);
    this.#event.settle();
  }

  fail(reason: unknown): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#event.reportBackgroundError(reason);
    host(hostOps.responseError, this.#event.id, describeError(reason).message);
    this.#event.settle();
  }
}
