import { Readable } from 'node:stream';

export interface UploadStreamOptions {
  readonly maxBytes: number;
  /** So many bytes have been taken by the connection. */
  readonly onTaken: (bytes: number) => void;
}

/** A request body on its way from a channel to a connection. What waits here is at most one window. */
export class UploadStream extends Readable {
  readonly #options: UploadStreamOptions;
  readonly #waiting: Uint8Array[] = [];
  #receivedBytes = 0;
  #isWanted = false;
  #isEnded = false;

  constructor(options: UploadStreamOptions) {
    super({ highWaterMark: 1 });
    this.#options = options;
  }

  receive(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes > this.#options.maxBytes) {
      this.destroy(new Error('the request body is larger than the limit'));
      return;
    }
    // A copy: it waits longer than the frame it came in.
    this.#waiting.push(Uint8Array.from(bytes));
    this.#give();
  }

  receiveEnd(): void {
    this.#isEnded = true;
    this.#give();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#give();
  }

  #give(): void {
    while (this.#isWanted) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      this.#isWanted = this.push(piece);
      this.#options.onTaken(piece.length);
    }
    if (this.#isEnded && this.#waiting.length === 0) this.push(null);
  }
}
