import { expect, test } from 'vitest';
import { CodeCache } from './code-cache.ts';

function data(sizeBytes: number) {
  return { handle: {}, sizeBytes };
}

test('the least recently used entries go when the budget is full', () => {
  const cache = new CodeCache(100);
  cache.set('a', data(40));
  cache.set('b', data(40));
  expect(cache.get('a')).toBeDefined();
  cache.set('c', data(40));
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBeDefined();
  expect(cache.get('c')).toBeDefined();
});

test('an entry larger than the budget is not kept and displaces nothing', () => {
  const cache = new CodeCache(100);
  cache.set('a', data(40));
  cache.set('huge', data(101));
  expect(cache.get('huge')).toBeUndefined();
  expect(cache.get('a')).toBeDefined();
});

test('a replaced entry is counted once', () => {
  const cache = new CodeCache(100);
  for (let i = 0; i < 5; i += 1) cache.set('a', data(60));
  cache.set('b', data(40));
  expect(cache.get('a')).toBeDefined();
  expect(cache.get('b')).toBeDefined();
});
