import { responseWindowBytes } from './engine-limits.ts';

const pieceBytes = 64 * 1024;

/** A whole response body that is too large to be handed over at once: it goes out piece by piece. */
export class LargeBody {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(body: string | ArrayBuffer) {
    this.#bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : new Uint8Array(body);
  }

  static isNeededFor(body: string | ArrayBuffer | null): boolean {
    if (body === null) return false;
    const size = typeof body === 'string' ? body.length : body.byteLength;
    return size > responseWindowBytes;
  }

  next(): ArrayBuffer | undefined {
    if (this.#offset >= this.#bytes.byteLength) return undefined;
    const piece = new Uint8Array(this.#bytes.subarray(this.#offset, (this.#offset += pieceBytes)));
    return piece.buffer;
  }
}
