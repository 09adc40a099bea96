import type { Socket } from 'node:net';

/** Reads pieces of what comes over a connection. */
export class SocketReader {
  readonly #pieces: AsyncIterator<Buffer, unknown>;
  #bytes = Buffer.alloc(0);

  constructor(socket: Socket) {
    // A socket without an encoding gives buffers.
    this.#pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, unknown>;
  }

  /** Up to the mark and without it; undefined when the connection ends before. */
  async readUntil(mark: string): Promise<string | undefined> {
    let at = this.#bytes.indexOf(mark);
    while (at < 0) {
      if (!(await this.#readMore())) return undefined;
      at = this.#bytes.indexOf(mark);
    }
    const text = this.#bytes.toString('latin1', 0, at);
    this.#bytes = this.#bytes.subarray(at + mark.length);
    return text;
  }

  /** Exactly so many bytes, or fewer when the connection ends before. */
  async read(length: number): Promise<Buffer> {
    while (this.#bytes.length < length && (await this.#readMore()));
    const bytes = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return bytes;
  }

  async #readMore(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done === true) return false;
    this.#bytes = Buffer.concat([this.#bytes, value]);
    return true;
  }
}
