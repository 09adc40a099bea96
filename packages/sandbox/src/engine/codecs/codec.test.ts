import { codecFormats } from '@openworkers/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Codec } from './codec.ts';

/* fast-check prints the seed of a failing run. */

/** Feeds a codec piece by piece, with all the steps it asks for. */
async function runThrough(codec: Codec, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for (const piece of [...pieces, undefined]) {
    let output = await (piece === undefined ? codec.end() : codec.write(piece));
    all.push(new Uint8Array(output.bytes));
    while (output.state !== 'done') {
      output = await codec.more();
      all.push(new Uint8Array(output.bytes));
    }
  }
  codec.close();
  return Buffer.concat(all);
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 500 }),
  fc.array(fc.constantFrom(0, 1, 2), { maxLength: 500 }).map((list) => Uint8Array.from(list)),
);
const places = fc.array(fc.nat(2000), { maxLength: 2 });

test('10 000 random inputs in random pieces come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...codecFormats),
      bytes,
      places,
      places,
      async (format, data, before, after) => {
        const packed = await runThrough(new Codec('compress', format), cut(data, before));
        const unpacked = await runThrough(new Codec('decompress', format), cut(packed, after));
        expect(unpacked.equals(data)).toBe(true);
      },
    ),
    { numRuns: 10_000 },
  );
}, 120_000);

test('any other bytes are refused or decompressed, and nothing waits for more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...codecFormats),
      bytes,
      bytes,
      places,
      async (format, data, noise, cuts) => {
        const packed = await runThrough(new Codec('compress', format), [data]);
        const broken = Buffer.concat([packed.subarray(0, (cuts[0] ?? 0) % packed.length), noise]);
        const codec = new Codec('decompress', format);
        const outcome = await runThrough(codec, cut(broken, cuts)).catch((error: unknown) => error);
        codec.close();
        expect(outcome instanceof Error || outcome instanceof Buffer).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
}, 120_000);

test('a codec that was closed while it is busy gives an error', async () => {
  const codec = new Codec('compress', 'gzip');
  const pending = codec.write(new Uint8Array(256 * 1024));
  codec.close();
  await expect(pending).rejects.toThrow('closed');
  await expect(codec.more()).rejects.toThrow('closed');
});
