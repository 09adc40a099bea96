import { MathMin, Uint8Array, Uint8ArrayPrototypeSet } from '../primordials.ts';
import { Queue } from './queue.ts';
import type { PullInto } from './pull-into.ts';

interface ByteEntry {
  readonly buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
}

/** The bytes that wait in a byte stream, in the buffers they came in. */
export class ByteQueue {
  readonly #entries = new Queue<ByteEntry>();
  sizeBytes = 0;

  push(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    this.#entries.push({ buffer, byteOffset, byteLength });
    this.sizeBytes += byteLength;
  }

  /** The oldest buffer as a view; the queue must not be empty. */
  shift(): Uint8Array<ArrayBuffer> {
    const entry = this.#entries.shift();
    if (entry === undefined) return new Uint8Array(0);
    this.sizeBytes -= entry.byteLength;
    return new Uint8Array(entry.buffer, entry.byteOffset, entry.byteLength);
  }

  clear(): void {
    this.#entries.clear();
    this.sizeBytes = 0;
  }

  /**
   * Copies as much as fits and makes whole elements; true when that is enough for the reader.
   * https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerfillpullintodescriptorfromqueue
   */
  fill(pullInto: PullInto): boolean {
    const mostBytes = pullInto.bytesFilled + MathMin(this.sizeBytes, pullInto.missingBytes);
    const alignedBytes = mostBytes - (mostBytes % pullInto.kind.elementSize);
    const isReady = alignedBytes >= pullInto.minimumFill;
    const end = isReady ? alignedBytes : mostBytes;
    while (pullInto.bytesFilled < end) this.#copyHead(pullInto, end - pullInto.bytesFilled);
    return isReady;
  }

  #copyHead(pullInto: PullInto, wantedBytes: number): void {
    const head = this.#entries.peek();
    if (head === undefined) return;
    const sizeBytes = MathMin(wantedBytes, head.byteLength);
    const target = new Uint8Array(pullInto.buffer, pullInto.byteOffset + pullInto.bytesFilled);
    Uint8ArrayPrototypeSet(target, new Uint8Array(head.buffer, head.byteOffset, sizeBytes));
    if (sizeBytes === head.byteLength) this.#entries.shift();
    else {
      head.byteOffset += sizeBytes;
      head.byteLength -= sizeBytes;
    }
    this.sizeBytes -= sizeBytes;
    pullInto.bytesFilled += sizeBytes;
  }
}
