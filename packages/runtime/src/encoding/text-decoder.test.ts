import { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectHost } from '../dispatch/host.ts';
import { textOf } from '../testing/test-event.ts';
import { TextDecoder as OurDecoder } from './text-decoder.ts';
import { TextEncoder as OurEncoder } from './text-encoder.ts';

/* Node's own decoder is the oracle. fast-check prints the seed of a failing run. */
const runs = { numRuns: 10_000 };

const multiByteEncodings = ['big5', 'euc-jp', 'euc-kr', 'gb18030', 'gbk', 'shift_jis'];

/** As the sandbox answers. */
function decodeText(encoding: string, bytes: ArrayBuffer): string {
  return multiByteEncodings.includes(encoding)
    ? createMultibyteDecoder(encoding, true)(new Uint8Array(bytes))
    : new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

beforeAll(() => {
  connectHost({
    host: () => {},
    hostSync: (_op, label, bytes) =>
      bytes instanceof ArrayBuffer && bytes.byteLength <= 65_536
        ? decodeText(textOf(label), bytes)
        : undefined,
  });
});

type Chunk = readonly [bytes: Uint8Array, isStreamed: boolean];

/** What each decoding returns, or the kind of error it throws. */
function play(decoder: TextDecoder | OurDecoder, chunks: readonly Chunk[]): string[] {
  return chunks.map(([bytes, stream]) => {
    try {
      return decoder.decode(bytes, { stream });
    } catch (error) {
      return error instanceof TypeError ? 'TypeError' : 'other error';
    }
  });
}

const byte = fc.oneof(
  fc.constantFrom(0xef, 0xbb, 0xbf, 0xfe, 0xff, 0x00, 0x0a, 0x41, 0xd8, 0xdc, 0xd9, 0xc3, 0x28),
  fc.nat(255),
);
const bytes = fc.array(byte, { maxLength: 9 }).map((items) => Uint8Array.from(items));
const chunks = fc.array(fc.tuple(bytes, fc.boolean()), { minLength: 1, maxLength: 5 });
/** Bytes near the boundaries of what the multi-byte encodings allow. */
const legacyByte = fc.oneof(
  fc.constantFrom(0x1b, 0x24, 0x28, 0x40, 0x42, 0x49, 0x4a, 0x0e, 0x21, 0x50, 0x5c, 0x7e, 0x7f),
  fc.constantFrom(0x30, 0x39, 0x3a, 0x80, 0x81, 0x84, 0x8e, 0x8f, 0xa0, 0xa1, 0xdf, 0xe0, 0xfc),
  fc.constantFrom(0x41, 0xb0, 0xfe, 0xff),
  fc.nat(255),
);
const legacyChunks = fc
  .array(fc.array(legacyByte, { maxLength: 7 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((items) => items.map((item) => Uint8Array.from(item)));
const options = fc.record({ fatal: fc.boolean(), ignoreBOM: fc.boolean() });

describe('TextDecoder', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])('streams %s like Node', (label) => {
    fc.assert(
      fc.property(chunks, options, (given, settings) => {
        // After an error Node's decoder is in no state that the standard knows.
        const expected = play(new TextDecoder(label, settings), given);
        const failed = expected.findIndex((text) => text === 'TypeError');
        const end = failed === -1 ? expected.length : failed + 1;
        const actual = play(new OurDecoder(label, settings), given);
        expect(actual.slice(0, end)).toEqual(expected.slice(0, end));
      }),
      runs,
    );
  });

  it('starts anew after an error', () => {
    const decoder = new OurDecoder('utf-8', { fatal: true });
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf, 0x41);
    expect(decoder.decode(Uint8Array.of(0xf0, 0x9f), { stream: true })).toBe('');
    expect(() => decoder.decode(Uint8Array.of(0x41))).toThrow(TypeError);
    expect(decoder.decode(mark)).toBe('A');
    expect(decoder.decode(mark)).toBe('A');
  });

  it('knows the encodings that Node knows by the same labels', () => {
    const labels = ['latin1', 'ascii', ' KOI8-R\t', 'SJIS', 'gb2312', 'big5', 'x-mac-cyrillic'];
    labels.push('ksc_5601', 'utf-16', 'ibm866', 'logical', 'visual', 'greek', 'dos-874', 'mac');
    for (const label of [...labels, 'l9', 'x-user-defined', 'windows-1258', 'ISO-8859-16']) {
      expect([label, new OurDecoder(label).encoding]).toEqual([
        label,
        new TextDecoder(label).encoding,
      ]);
    }
    for (const label of [
      '',
      'utf8 utf8',
      'latin-1',
      '\u212aoi8-r',
      'replacement',
      'iso-2022-kr',
      '\u000butf-8',
    ]) {
      expect(() => new OurDecoder(label)).toThrow(RangeError);
    }
  });

  it('decodes what only the host can', () => {
    const text = 'Текст, žluťoučký, 日本語 と カナ, 中文, 한국어';
    const samples: Record<string, Uint8Array> = {
      'koi8-r': Uint8Array.of(0xf4, 0xc5, 0xcb, 0xd3, 0xd4),
      shift_jis: Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0x41, 0xb1),
      'euc-jp': Uint8Array.of(0xc6, 0xfc, 0x8e, 0xb1, 0x8f, 0xb0, 0xa1, 0x41),
      gb18030: Uint8Array.of(0xd6, 0xd0, 0x81, 0x30, 0x81, 0x30, 0x30, 0x41),
      gbk: Uint8Array.of(0xd6, 0xd0, 0x41, 0xce, 0xc4),
      big5: Uint8Array.of(0xa4, 0xa4, 0xa4, 0xe5, 0x41),
      'euc-kr': Uint8Array.of(0xc7, 0xd1, 0x41, 0xb1, 0xb9),
      'iso-2022-jp': Uint8Array.of(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42, 0x41),
    };
    expect(text).not.toBe('');
    for (const [label, sample] of Object.entries(samples)) {
      const whole = new TextDecoder(label).decode(sample);
      expect([label, new OurDecoder(label, { fatal: true }).decode(sample)]).toEqual([
        label,
        whole,
      ]);
      for (let cut = 0; cut <= sample.length; cut += 1) {
        const decoder = new OurDecoder(label);
        const first = decoder.decode(sample.subarray(0, cut), { stream: true });
        expect([label, cut, first + decoder.decode(sample.subarray(cut))]).toEqual([
          label,
          cut,
          whole,
        ]);
      }
    }
    expect(() => new OurDecoder('gbk', { fatal: true }).decode(Uint8Array.of(0xff))).toThrow(
      TypeError,
    );
  });

  it('holds nothing back that the next bytes cannot change', () => {
    const decoder = new OurDecoder('shift_jis');
    expect(decoder.decode(Uint8Array.of(0x93, 0xfa, 0x96), { stream: true })).toBe('日');
    expect(decoder.decode(Uint8Array.of(0x7b), { stream: true })).toBe('本');
    expect(decoder.decode()).toBe('');
  });

  it('asks the host for no more than it answers at once', () => {
    const pair = Uint8Array.of(0x41, 0x93, 0xfa);
    const bytes = new Uint8Array(1_500_000).map((_, i) => pair[i % 3] ?? 0);
    expect(new OurDecoder('shift_jis').decode(bytes) === 'A日'.repeat(500_000)).toBe(true);
    expect(new OurDecoder('koi8-r').decode(bytes)).toHaveLength(1_500_000);
    expect(new OurDecoder('iso-2022-jp').decode(bytes)).toHaveLength(1_500_000);
  });

  it.each([...multiByteEncodings, 'iso-2022-jp'])(
    'streams any bytes of %s like one piece',
    (label) => {
      const whole = createMultibyteDecoder(label, true);
      fc.assert(
        fc.property(legacyChunks, (given) => {
          const decoder = new OurDecoder(label);
          const texts = given.map((chunk) => decoder.decode(chunk, { stream: true }));
          texts.push(decoder.decode());
          expect(texts.join('')).toBe(whole(Uint8Array.from(given.flatMap((chunk) => [...chunk]))));
        }),
        runs,
      );
    },
  );

  it('takes every kind of buffer and nothing else', () => {
    const buffer = Uint8Array.of(0x41, 0x42, 0x43, 0x44).buffer;
    const decoder = new OurDecoder();
    expect(decoder.decode(buffer)).toBe('ABCD');
    expect(decoder.decode(new DataView(buffer, 1, 2))).toBe('BC');
    expect(decoder.decode(new Uint16Array(buffer, 2, 1))).toBe('CD');
    expect(decoder.decode(undefined)).toBe('');
    for (const wrong of [null, 'text', {}, [65], 5]) {
      expect(() => decoder.decode(wrong)).toThrow(TypeError);
    }
    structuredClone(buffer, { transfer: [buffer] });
    expect(decoder.decode(buffer)).toBe('');
  });

  it('has the shape WebIDL asks for', () => {
    const own = Object.keys(OurDecoder.prototype).toSorted();
    expect(own).toEqual(Object.keys(TextDecoder.prototype).toSorted());
    expect([OurDecoder.length, OurDecoder.prototype.decode.length]).toEqual([0, 0]);
    expect(() => Reflect.get(OurDecoder.prototype, 'fatal')).toThrow(TypeError);
  });
});

describe('TextEncoder', () => {
  it('encodes like Node and says how far it came', () => {
    const encoder = new OurEncoder();
    expect(encoder.encoding).toBe('utf-8');
    expect(encoder.encode('ü\ud800')).toEqual(new TextEncoder().encode('ü\ud800'));
    expect(encoder.encode()).toEqual(new Uint8Array(0));
    expect(encoder.encode(null)).toEqual(new TextEncoder().encode('null'));
    const target = new Uint8Array(8).subarray(1, 5);
    expect(encoder.encodeInto('aü🍕', target)).toEqual({ read: 2, written: 3 });
    for (const wrong of [new ArrayBuffer(4), new Uint8ClampedArray(4), {}, undefined]) {
      expect(() => encoder.encodeInto('', wrong)).toThrow(TypeError);
    }
    expect(Object.keys(OurEncoder.prototype).toSorted()).toEqual(
      Object.keys(TextEncoder.prototype).toSorted(),
    );
  });
});
