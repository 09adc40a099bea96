import { describe, expect, it } from 'vitest';
import { evaluateInIsolate } from '../testing/isolate-driver.ts';

const tools = `
  const collect = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all; };
  const refused = (promise) => promise.then(() => 'fine', (error) => error.name);
`;

describe('TextEncoderStream', () => {
  it('joins surrogates of two chunks and replaces those that stay alone', async () => {
    const chunks = await evaluateInIsolate(`${tools}
      const input = ['a\\ud83d', '', '\\ude00b', '\\ude00', 7, '\\ud83d'];
      const stream = ReadableStream.from(input).pipeThrough(new TextEncoderStream());
      return (await collect(stream)).map((bytes) => bytes.toHex());
    `);
    expect(chunks).toEqual(['61', 'f09f988062', 'efbfbd', '37', 'efbfbd']);
  });

  it('fails on what is no string', async () => {
    const outcome = await evaluateInIsolate(`${tools}
      return refused(collect(ReadableStream.from([Symbol('x')]).pipeThrough(new TextEncoderStream())));
    `);
    expect(outcome).toBe('TypeError');
  });
});

describe('TextDecoderStream', () => {
  it('decodes characters that are spread over chunks, in any encoding', async () => {
    const texts = await evaluateInIsolate(`${tools}
      const decode = async (bytes, ...args) => (await collect(
        ReadableStream.from(bytes.map((byte) => Uint8Array.of(byte))).pipeThrough(new TextDecoderStream(...args)),
      )).join('|');
      return [await decode([0xef, 0xbb, 0xbf, 0xf0, 0x9f, 0x98, 0x80, 0x61]), await decode([0x93, 0xfa, 0x96], 'sjis'),
        await decode([0xef, 0xbb, 0xbf, 0x61], 'utf8', { ignoreBOM: true })];
    `);
    expect(texts).toEqual(['😀|a', '日|\ufffd', '\ufeff|a']);
  });

  it('fails on invalid bytes when it is strict, at the end, too, and on what are no bytes', async () => {
    const outcomes = await evaluateInIsolate(`${tools}
      const decode = (chunks, options) =>
        refused(collect(ReadableStream.from(chunks).pipeThrough(new TextDecoderStream('utf-8', options))));
      return Promise.all([decode([Uint8Array.of(0xff)]), decode([Uint8Array.of(0xff)], { fatal: true }),
        decode([Uint8Array.of(0xc3)], { fatal: true }), decode(['a'])]);
    `);
    expect(outcomes).toEqual(['fine', 'TypeError', 'TypeError', 'TypeError']);
  });

  it('has the attributes of its decoder and refuses unknown labels', async () => {
    const seen = await evaluateInIsolate(`
      const { encoding, fatal, ignoreBOM } = new TextDecoderStream('latin1', { fatal: 1 });
      let refusal = 'none';
      try { new TextDecoderStream('nonsense'); } catch (error) { refusal = error.name; }
      return [encoding, fatal, ignoreBOM, refusal, new TextEncoderStream().encoding];
    `);
    expect(seen).toEqual(['windows-1252', true, false, 'RangeError', 'utf-8']);
  });

  it('is not disturbed by a patched TextDecoder', async () => {
    const texts = await evaluateInIsolate(`${tools}
      TextDecoder.prototype.decode = () => { throw new Error('patched'); };
      return collect(ReadableStream.from([Uint8Array.of(97)]).pipeThrough(new TextDecoderStream()));
    `);
    expect(texts).toEqual(['a']);
  });
});
