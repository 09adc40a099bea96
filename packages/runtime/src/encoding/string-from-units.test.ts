import { expect, test } from 'vitest';
import { stringFromUnits } from './string-from-units.ts';

// Around the length from which WebAssembly is used, and around what it takes at once.
const lengths = [0, 1, 7, 8, 255, 256, 257, 259, 8191, 8192, 8193, 16_385, 40_000];

test.each(lengths)('%i bytes become the string of their code units', (length) => {
  const bytes = Uint8Array.from({ length: length + 5 }, (_, at) => (at * 31 + (at >> 7)) & 0xff);
  expect(stringFromUnits(bytes, 3, 3 + length)).toBe(
    Buffer.from(bytes.subarray(3, 3 + length)).toString('latin1'),
  );
});

test.each(lengths)('%i code units of two bytes become the string of them', (length) => {
  const units = Uint16Array.from({ length: length + 5 }, (_, at) => (at * 2503) & 0xffff);
  const text = stringFromUnits(units, 3, 3 + length);
  expect(text).toHaveLength(length);
  for (let at = 0; at < length; at += 1) {
    if (text.charCodeAt(at) !== units[3 + at]) expect(text.charCodeAt(at)).toBe(units[3 + at]);
  }
});

test('one call leaves nothing behind for the next', () => {
  const long = stringFromUnits(new Uint8Array(9000).fill(65), 0, 9000);
  expect(stringFromUnits(new Uint8Array(300).fill(66), 0, 300)).toBe('B'.repeat(300));
  expect(long).toBe('A'.repeat(9000));
});
