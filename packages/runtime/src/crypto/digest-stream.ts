import { BigInt } from '../primordials.ts';
import { WritableStream } from '../streams/writable-stream.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { StreamHash } from './stream-hash.ts';

/** As Workers have it: a stream to write to, and the digest of what was written. */
export class DigestStream extends WritableStream {
  readonly #hash: StreamHash;

  constructor(algorithm: unknown) {
    requireArguments(arguments.length, 1, 'DigestStream constructor');
    const hash = new StreamHash(algorithm);
    super(hash.writable);
    this.#hash = hash;
  }

  /** Rejects when the stream is aborted or a chunk is of no use. */
  get digest(): Promise<ArrayBuffer> {
    return this.#hash.digest;
  }

  get bytesWritten(): bigint {
    return BigInt(this.#hash.bytesWritten);
  }

  static {
    defineInterface(this, 'DigestStream');
  }
}
