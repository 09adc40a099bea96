import { expect, test } from 'vitest';
import { decodeUtf8 } from './utf8-decode.ts';

test('the first byte that is not ASCII is found wherever it is', () => {
  for (let start = 0; start < 5; start += 1) {
    for (const length of [127, 128, 129, 130, 131, 132, 300]) {
      const bytes = new Uint8Array(start + length).fill(97);
      for (const at of [0, 1, 2, 3, 4, 5, 63, 64, length - 5, length - 2]) {
        const marked = bytes.slice();
        marked.set([0xc3, 0xa9], start + at);
        const expected = `${'a'.repeat(at)}é${'a'.repeat(length - at - 2)}`;
        expect(decodeUtf8(marked, start, start + length)).toBe(expected);
      }
      expect(decodeUtf8(bytes, start, start + length)).toBe('a'.repeat(length));
    }
  }
});

test('a view in the middle of a buffer is decoded from its own start', () => {
  const whole = new Uint8Array(1000).map((_, at) => 97 + (at % 26));
  for (let offset = 0; offset < 9; offset += 1) {
    const view = new Uint8Array(whole.buffer, offset, 500);
    expect(decodeUtf8(view, 1, 400)).toBe(Buffer.from(view.subarray(1, 400)).toString());
  }
});
