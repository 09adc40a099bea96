import { beforeEach, expect, test } from 'vitest';
import { QuarantineList } from './quarantine-list.ts';

const minute = 60_000;
const hour = 60 * minute;
let now = 0;
let list: QuarantineList;

beforeEach(() => {
  now = 1_000;
  list = new QuarantineList({ clock: { now: () => now } });
});

test('a suspect is kept apart for a minute, then let back and told once', () => {
  expect(list.add('w')).toBe(minute);
  expect(list.has('w')).toBe(true);
  expect(list.takeReleased()).toEqual([]);
  now += minute;
  expect(list.has('w')).toBe(false);
  expect(list.takeReleased()).toEqual(['w']);
  expect(list.takeReleased()).toEqual([]);
});

test('each further stay is twice as long, up to an hour', () => {
  const stays = Array.from({ length: 8 }, () => {
    const stayMs = list.add('w');
    now += stayMs;
    list.takeReleased();
    return stayMs / minute;
  });
  expect(stays).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('a worker that was quiet for an hour after its stay starts with a clean sheet', () => {
  list.add('w');
  now += minute;
  list.takeReleased();
  now += hour;
  list.takeReleased();
  expect(list.add('w')).toBe(minute);
});

test('workers do not share their fate', () => {
  list.add('w');
  expect(list.has('other')).toBe(false);
});
