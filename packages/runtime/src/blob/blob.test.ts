import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// What a bundler would evaluate when it is first needed.
import '../lazy/streams.ts';
import { ReadableStreamDefaultReader } from '../streams/readable-stream-default-reader.ts';
import { Blob as OurBlob } from './blob.ts';
import { File as OurFile } from './file.ts';

const runs = { numRuns: 3000 };
const part = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(String.fromCharCode) }),
  fc.constantFrom('\r\n', '\r', '\n', 'a\r\nb', '\ufeff', ''),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => new DataView(bytes.buffer, 1, 5)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => bytes.buffer),
);
const position = fc.oneof(
  fc.constantFrom(undefined, NaN, Infinity, -Infinity, 0.5, 1.5, -1.5, '2', null),
  fc.integer({ min: -50, max: 50 }),
);

async function readAll(blob: OurBlob): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const reader = blob.stream().getReader();
  if (!(reader instanceof ReadableStreamDefaultReader)) throw new Error('not the default reader');
  for (let result = await reader.read(); !result.done; result = await reader.read()) {
    const chunk: unknown = result.value;
    if (chunk instanceof Uint8Array) chunks.push(chunk);
  }
  return chunks;
}

describe('Blob', () => {
  it('equals Node for any parts and slices', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 5 }),
        fc.constantFrom('transparent', 'native'),
        fc.tuple(position, position),
        async (parts, endings, [start, end]) => {
          const ours = new OurBlob(parts, { endings, type: 'Text/Plain' });
          // Types are narrower in Node's declaration than in the standard.
          const theirs = new Blob(parts as string[], {
            endings: endings as 'native',
            type: 'Text/Plain',
          });
          expect(ours.type).toBe('text/plain');
          expect(await ours.bytes()).toEqual(new Uint8Array(await theirs.arrayBuffer()));
          expect(await ours.text()).toBe(await theirs.text());
          const slice = ours.slice(start, end, 'x/y');
          expect(await slice.bytes()).toEqual(
            new Uint8Array(await theirs.slice(start as number, end as number).arrayBuffer()),
          );
          expect(slice.type).toBe('x/y');
        },
      ),
      runs,
    );
  });

  it('joins other Blobs, and slices of slices', async () => {
    const inner = new OurBlob(['0123456789']).slice(2, -1);
    const blob = new OurBlob([inner, new OurFile(['ab'], 'f'), inner.slice(1, 3)]);
    expect(await blob.text()).toBe('2345678ab34');
    expect(blob.slice(0, 0).size).toBe(0);
  });

  it('copies bytes in and out', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const blob = new OurBlob([bytes]);
    bytes[0] = 9;
    const first = await blob.bytes();
    first[1] = 9;
    expect(await blob.bytes()).toEqual(Uint8Array.of(1, 2, 3));
    expect((await blob.arrayBuffer()).byteLength).toBe(3);
  });

  it('streams its bytes in chunks', async () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, i) => i % 251);
    const chunks = await readAll(new OurBlob([bytes]));
    expect(chunks.map((chunk) => chunk.length)).toEqual([65_536, 65_536, 18_928]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await readAll(new OurBlob())).toEqual([]);
  });

  it('refuses wrong arguments and receivers', async () => {
    for (const parts of ['text', 1, {}, null, [Symbol('s')]]) {
      expect(() => new OurBlob(parts)).toThrow(TypeError);
    }
    expect(() => new OurBlob([], { endings: 'both' })).toThrow(TypeError);
    expect(() => new OurBlob([], 1)).toThrow(TypeError);
    expect(new OurBlob([], { type: 'a\u00e9' }).type).toBe('');
    const text = Reflect.get(OurBlob.prototype, 'text');
    await expect(Reflect.apply(text, {}, [])).rejects.toThrow(TypeError);
    expect(() => Reflect.get(OurBlob.prototype, 'size')).toThrow(TypeError);
  });
});

describe('File', () => {
  it('has a name and a time', () => {
    const file = new OurFile(['x'], 'ü\ud800', { lastModified: 12.9, type: 'A/b' });
    expect([file.name, file.lastModified, file.type, file.size]).toEqual(['ü\ufffd', 12, 'a/b', 1]);
    expect(file).toBeInstanceOf(OurBlob);
    expect(Math.abs(new OurFile([], '').lastModified - Date.now())).toBeLessThan(10_000);
    expect(() => Reflect.construct(OurFile, [[]])).toThrow(TypeError);
    expect(new OurFile([], 'n', { lastModified: new Date(5) }).lastModified).toBe(5);
  });

  it('has the shape WebIDL asks for', () => {
    expect(Object.keys(OurFile.prototype)).toEqual(['name', 'lastModified']);
    expect([OurFile.length, OurBlob.length, OurBlob.prototype.slice.length]).toEqual([2, 0, 0]);
    expect(Object.prototype.toString.call(new OurFile([], ''))).toBe('[object File]');
  });
});
