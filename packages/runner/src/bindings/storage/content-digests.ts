import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { EgressRefusal } from '../../egress/egress-refusal.ts';

const algorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

/** Passes bytes on, and knows afterwards how many they were and what their digests are. */
export class ContentDigests extends Transform {
  readonly #hashes: ReadonlyMap<string, Hash>;
  readonly #maxBytes: number;
  readonly #tooLarge: string;
  sizeBytes = 0;

  /** MD5 is always among them: it is the etag. */
  constructor(
    wanted: Readonly<Record<string, string>>,
    { maxBytes, tooLarge }: { maxBytes: number; tooLarge: string },
  ) {
    super();
    const used = algorithms.filter((name) => name === 'md5' || wanted[name] !== undefined);
    this.#hashes = new Map(used.map((name) => [name, createHash(name)]));
    this.#maxBytes = maxBytes;
    this.#tooLarge = tooLarge;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.#maxBytes) {
      done(new EgressRefusal(this.#tooLarge));
      return;
    }
    for (const hash of this.#hashes.values()) hash.update(chunk);
    done(null, chunk);
  }

  /** @throws EgressRefusal when a digest is not as it should be */
  finish(expected: Readonly<Record<string, string>>): { md5: string } & Record<string, string> {
    const found = Object.fromEntries(
      [...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')]),
    );
    for (const [name, digest] of Object.entries(expected)) {
      if (found[name] !== digest) {
        throw new EgressRefusal(`The ${name} checksum of the content is not the one given`);
      }
    }
    return { md5: found['md5'] ?? '', ...found };
  }
}
