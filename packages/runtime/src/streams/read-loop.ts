import { DefaultReaderState } from './readable-state.ts';
import type { ReadableState, ReadRequest } from './readable-state.ts';

/** Gets every chunk of a stream in turn. */
export interface ChunkConsumer {
  /** False pauses the loop until {@link ReadLoop.resume}. */
  chunk(chunk: unknown): boolean;
  end(): void;
  fail(reason: unknown): void;
}

/**
 * Reads a stream to its end without a promise per chunk, and without recursion when chunks are
 * waiting. The stream is locked from then on; the constructor throws a TypeError if it was.
 */
export class ReadLoop implements ReadRequest {
  readonly #reader: DefaultReaderState;
  readonly #stream: ReadableState;
  readonly #consumer: ChunkConsumer;
  #isReading = false;
  #readAgain = false;

  constructor(stream: ReadableState, consumer: ChunkConsumer) {
    this.#stream = stream;
    this.#reader = new DefaultReaderState(stream);
    this.#consumer = consumer;
  }

  resume(): void {
    if (this.#isReading) {
      this.#readAgain = true;
      return;
    }
    do {
      this.#isReading = true;
      this.#readAgain = false;
      this.#reader.read(this);
      this.#isReading = false;
      // TypeScript does not see that the read may have called back.
    } while (this.#readAgain as boolean);
  }

  /** Stops reading; the source is told the reason. */
  cancel(reason: unknown): Promise<undefined> {
    return this.#stream.cancel(reason);
  }

  chunk(chunk: unknown): void {
    if (this.#consumer.chunk(chunk)) this.resume();
  }

  close(): void {
    this.#consumer.end();
  }

  error(reason: unknown): void {
    this.#consumer.fail(reason);
  }
}
