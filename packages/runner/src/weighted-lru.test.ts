import { expect, test } from 'vitest';
import { countedLru, WeightedLru } from './weighted-lru.ts';

const keysOf = <K, V>(lru: WeightedLru<K, V>): K[] => [...lru.entries()].map(([key]) => key);

test('the least recently used entries go when the rest weighs too much', () => {
  const lru = new WeightedLru<string, string>({ maxWeight: 10, weigh: (text) => text.length });
  lru.set('a', '1234');
  lru.set('b', '1234');
  expect(lru.get('a')).toBe('1234');
  lru.set('c', '123456');
  expect(keysOf(lru)).toEqual(['a', 'c']);
});

test('an entry heavier than everything allowed is not kept, and pushes nothing out', () => {
  const lru = new WeightedLru<string, string>({ maxWeight: 10, weigh: (text) => text.length });
  lru.set('a', '1234');
  lru.set('big', '12345678901');
  expect(lru.get('big')).toBeUndefined();
  expect(lru.get('a')).toBe('1234');
});

test('replacing and deleting give the weight back', () => {
  const lru = new WeightedLru<string, string>({ maxWeight: 10, weigh: (text) => text.length });
  lru.set('a', '12345678');
  lru.set('a', '12');
  lru.set('b', '12345678');
  expect(keysOf(lru)).toEqual(['a', 'b']);
  lru.delete('b');
  lru.delete('b');
  lru.set('c', '12345678');
  expect(keysOf(lru)).toEqual(['a', 'c']);
});

test('a counted one keeps so many', () => {
  const lru = countedLru<number, string>(2);
  for (const key of [1, 2, 3]) lru.set(key, 'x');
  expect(keysOf(lru)).toEqual([2, 3]);
});
