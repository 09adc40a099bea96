import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, decodeUtf8Strictly, incompleteUtf8Length } from './utf8-decode.ts';
import { encodeUtf8, encodeUtf8Into, utf8Length } from './utf8-encode.ts';

/*
 * Node's own encoder and decoder are the oracle. fast-check prints the seed of a failing run.
 */
const runs = { numRuns: 10_000 };

/** Bytes near the boundaries of what UTF-8 allows. */
const utf8Byte = fc.oneof(
  fc.constantFrom(0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf),
  fc.constantFrom(0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 0xbb),
  fc.integer({ min: 0, max: 255 }),
);
const utf8Bytes = fc.array(utf8Byte, { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
/** Strings with lone surrogates among them. */
const anyString = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(String.fromCharCode) });
const mixedString = fc.oneof(anyString, fc.string({ unit: 'binary' }), fc.string());

const keepBom = { ignoreBOM: true };
const lossy = new TextDecoder('utf-8', keepBom);
const strict = new TextDecoder('utf-8', { ...keepBom, fatal: true });

function strictly(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

describe('UTF-8 decoding', () => {
  it('replaces invalid bytes as the standard says', () => {
    fc.assert(
      fc.property(utf8Bytes, (bytes) => {
        expect(decodeUtf8(bytes, 0, bytes.length)).toBe(lossy.decode(bytes));
      }),
      runs,
    );
  });

  it('refuses exactly what is invalid when it must not replace', () => {
    fc.assert(
      fc.property(utf8Bytes, (bytes) => {
        expect(decodeUtf8Strictly(bytes, 0, bytes.length)).toBe(strictly(bytes));
      }),
      runs,
    );
  });

  it('keeps to the part it was asked for', () => {
    const bytes = Uint8Array.of(0x41, 0xf0, 0x9f, 0x98, 0x80, 0x42);
    expect(decodeUtf8(bytes, 1, 5)).toBe('😀');
    expect(decodeUtf8(bytes, 1, 4)).toBe('\ufffd');
    expect(decodeUtf8(bytes, 2, 3)).toBe('\ufffd');
  });

  it('decodes long texts of every kind across its internal buffers', () => {
    for (const unit of ['a', 'é', '語', '😀', 'aé', 'some ascii text and then é', 'é'.repeat(5)]) {
      for (const count of [2047, 2048, 2049, 40_000]) {
        const text = unit.repeat(count);
        const bytes = new TextEncoder().encode(text);
        expect(decodeUtf8(bytes, 0, bytes.length) === text).toBe(true);
      }
    }
  });

  it('finds the unfinished sequence at the end of a chunk', () => {
    fc.assert(
      fc.property(utf8Bytes, utf8Bytes, (first, second) => {
        const held = first.length - incompleteUtf8Length(first, 0, first.length);
        const rest = Uint8Array.from([...first.subarray(held), ...second]);
        const whole = Uint8Array.from([...first, ...second]);
        expect(decodeUtf8(first, 0, held) + decodeUtf8(rest, 0, rest.length)).toBe(
          lossy.decode(whole),
        );
        // Nothing is held back that could be decoded now.
        const stream = new TextDecoder('utf-8', keepBom);
        expect(decodeUtf8(first, 0, held)).toBe(stream.decode(first, { stream: true }));
      }),
      runs,
    );
  });
});

describe('UTF-8 encoding', () => {
  it('equals Node on any string', () => {
    fc.assert(
      fc.property(mixedString, (text) => {
        const expected = new TextEncoder().encode(text);
        expect(encodeUtf8(text)).toEqual(expected);
        expect(utf8Length(text)).toBe(expected.length);
      }),
      runs,
    );
  });

  it('fills a buffer with whole code points only', () => {
    fc.assert(
      fc.property(mixedString, fc.nat(60), (text, size) => {
        const expected = new Uint8Array(size);
        const result = new TextEncoder().encodeInto(text, expected);
        const target = new Uint8Array(size);
        expect(encodeUtf8Into(text, target, size)).toEqual(result);
        expect(target).toEqual(expected);
      }),
      runs,
    );
  });
});
