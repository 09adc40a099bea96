import { Duplex } from 'node:stream';
import { streamWindowBytes, type PipeStream } from '../protocol/pipe-stream.ts';

interface UnsentWrite {
  bytes: number;
  readonly done: () => void;
}

/** The connection to a client of another sandbox, whose bytes travel over the pipe. */
export class PipeDuplex extends Duplex {
  readonly #stream: PipeStream;
  readonly #unsent: UnsentWrite[] = [];
  /** Received, and not wanted by the reader yet. */
  #ungrantedBytes = 0;

  constructor(stream: PipeStream) {
    super({ readableHighWaterMark: streamWindowBytes / 4, allowHalfOpen: true });
    this.#stream = stream;
  }

  /** Bytes of the client. */
  receive(bytes: Uint8Array): void {
    this.#ungrantedBytes += bytes.length;
    this.push(bytes);
  }

  /** The client sends nothing more. */
  receiveEnd(): void {
    this.push(null);
  }

  /** So many bytes have left for the client. */
  sent(bytes: number): void {
    let left = bytes;
    while (left > 0) {
      const [first] = this.#unsent;
      if (first === undefined) return;
      const part = Math.min(left, first.bytes);
      first.bytes -= part;
      left -= part;
      if (first.bytes > 0) return;
      this.#unsent.shift();
      first.done();
    }
  }

  override _read(): void {
    const bytes = this.#ungrantedBytes;
    this.#ungrantedBytes = 0;
    if (bytes > 0) this.#stream.grant(bytes);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk.length === 0 || this.#stream.isOver) {
      done();
      return;
    }
    this.#unsent.push({ bytes: chunk.length, done });
    this.#stream.send(chunk);
  }

  override _final(done: () => void): void {
    // Every write was answered, so nothing is queued: with this the stream is over in both directions.
    this.#stream.end();
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.reset('aborted');
    for (const { done: written } of this.#unsent.splice(0)) written();
    done(error);
  }
}
