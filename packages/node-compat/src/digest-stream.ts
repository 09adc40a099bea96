import { hmac } from '@noble/hashes/hmac.js';
import { Buffer } from './modules/buffer.ts';
import { Transform } from './modules/stream.ts';
import { hashAlgorithm } from './hash-algorithms.ts';
import { toBytes, type Data } from './crypto-data.ts';

interface Running {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): Running;
}

/** `Hash` and `Hmac`: a stream that can also be fed and read directly. */
class DigestStream extends Transform {
  readonly #running: Running;
  #isFinal = false;
  #result: Uint8Array | undefined;

  constructor(running: Running, options?: object) {
    super(options);
    this.#running = running;
  }

  update(data: Data, encoding?: string): this {
    this.#assertOpen();
    this.#running.update(toBytes(data, encoding));
    return this;
  }

  digest(): Buffer;
  digest(encoding: string): string;
  digest(encoding?: string): Buffer | string {
    this.#assertOpen();
    this.#isFinal = true;
    const bytes = Buffer.from(this.#finish().slice().buffer);
    return encoding === undefined || encoding === 'buffer'
      ? bytes
      : bytes.toString(encoding as BufferEncoding);
  }

  override _transform(data: Data, encoding: string, done: () => void): void {
    this.update(data, encoding);
    done();
  }

  override _flush(done: () => void): void {
    // The digest can still be asked for, once: after `pipeline(file, hash)`, programs do.
    this.push(Buffer.from(this.#finish().slice().buffer));
    done();
  }

  #finish(): Uint8Array {
    this.#result ??= this.#running.digest();
    return this.#result;
  }

  #assertOpen(): void {
    if (!this.#isFinal) return;
    throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
  }
}

export class Hash extends DigestStream {
  readonly #running: Running;
  readonly #options: object | undefined;

  constructor(algorithm: string | Running, options?: object) {
    const running =
      typeof algorithm === 'string' ? hashAlgorithm(algorithm).create() : algorithm.clone();
    super(running, options);
    this.#running = running;
    this.#options = options;
  }

  /** One that goes on from the data it got so far. */
  copy(options = this.#options): Hash {
    return new Hash(this.#running, options);
  }
}

export class Hmac extends DigestStream {
  constructor(algorithm: string, key: Data, options?: object) {
    super(hmac.create(hashAlgorithm(algorithm), toBytes(key)), options);
  }
}
