import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemOfKey, problemOfPrefix } from './object-key.ts';

const parts = fc.constantFrom(
  '..',
  '.',
  '/',
  '//',
  'a',
  'é',
  '%2e%2e',
  '%2f',
  '\\',
  '\0',
  ' ',
  '~',
);
const hostile = fc.array(parts, { maxLength: 12 }).map((each) => each.join(''));
const key = fc.oneof(hostile, fc.string({ unit: 'binary' }));

test('no key that is accepted leaves the prefix it is put behind, or changes on the way', () => {
  fc.assert(
    fc.property(key, (text) => {
      if (problemOfKey(text) !== undefined) return;
      const joined = posix.join('/tenant/prefix', text);
      expect(joined).toBe(`/tenant/prefix/${text}`);
      const encoded = text.split('/').map(encodeURIComponent).join('/');
      const url = new URL(`https://s3.test/bucket/prefix/${encoded}`);
      expect(decodeURIComponent(url.pathname)).toBe(`/bucket/prefix/${text}`);
    }),
    { numRuns: 5_000 },
  );
});

test('what a key begins with is a prefix', () => {
  fc.assert(
    fc.property(key, fc.nat(50), (text, length) => {
      const prefix = Array.from(text).slice(0, length).join('');
      if (problemOfKey(text) === undefined) expect(problemOfPrefix(prefix)).toBeUndefined();
    }),
    { numRuns: 5_000 },
  );
});

test.each(['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/..', '../a', 'a/./b', 'a\0', '\ud800'])(
  '%j is no key',
  (text) => expect(problemOfKey(text)).toBeTypeOf('string'),
);

test.each(['/', '../', 'a/../', 'a//', '\0', './a'])('%j is no prefix', (text) =>
  expect(problemOfPrefix(text)).toBeTypeOf('string'),
);

test('1 024 bytes are the most', () => {
  expect(problemOfKey('é'.repeat(512))).toBeUndefined();
  expect(problemOfKey(`${'é'.repeat(512)}x`)).toBe('A key has at most 1024 bytes, not 1025');
});
