import type { ServerResponse } from 'node:http';

export interface StreamedResponseOptions {
  readonly response: ServerResponse;
  /** What the worker promised in `content-length`; the body is held to it. */
  readonly contentLength: number | undefined;
  /** The operating system has taken so many bytes. */
  readonly onTaken: (bytes: number) => void;
  /** Bytes wait for the client. */
  readonly onWaiting: () => void;
}

/** A response body that follows in pieces, with credit for what the client takes. */
export class StreamedResponse {
  readonly #response: ServerResponse;
  readonly #options: StreamedResponseOptions;
  readonly #pending: number[] = [];
  readonly #onWritten = (): void => {
    const bytes = this.#pending.shift();
    if (bytes !== undefined) this.#options.onTaken(bytes);
  };
  #missing: number | undefined;
  #isTooLong = false;

  constructor(options: StreamedResponseOptions) {
    this.#options = options;
    this.#response = options.response;
    this.#missing = options.contentLength;
  }

  write(bytes: ArrayBuffer | Uint8Array): void {
    const piece = this.#withinLength(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
    this.#pending.push(bytes.byteLength);
    if (piece.length === 0) this.#onWritten();
    else {
      this.#response.write(piece, this.#onWritten);
      if (this.#response.writableNeedDrain) this.#options.onWaiting();
    }
  }

  /** False when the body does not have the promised length: the connection cannot be used again. */
  end(): boolean {
    if (this.#isTooLong || (this.#missing ?? 0) > 0) return false;
    this.#response.end();
    this.#options.onWaiting();
    return true;
  }

  #withinLength(bytes: Uint8Array): Uint8Array {
    if (this.#missing === undefined) return bytes;
    if (bytes.length > this.#missing) this.#isTooLong = true;
    const piece = bytes.subarray(0, this.#missing);
    this.#missing -= piece.length;
    return piece;
  }
}
