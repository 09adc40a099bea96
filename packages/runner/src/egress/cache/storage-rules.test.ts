import { expect, test } from 'vitest';
import { lifetimeMs } from './storage-rules.ts';

const now = Date.parse('Tue, 01 Sep 2026 12:00:00 GMT');

test.each([
  [200, '', 7_200_000],
  [301, '', 7_200_000],
  [302, '', 1_200_000],
  [404, '', 180_000],
  [500, '', 0],
  [500, 'cache-control\nmax-age=5', 5_000],
  [206, 'cache-control\nmax-age=5', 0],
  [304, 'cache-control\nmax-age=5', 0],
  [200, 'cache-control\nmax-age=5, s-maxage=9', 9_000],
  [200, 'Cache-Control\nMAX-AGE="5"', 5_000],
  [200, 'cache-control\nmax-age=5\ncache-control\nno-store', 0],
  [200, 'cache-control\nmax-age=soon', 0],
  [200, 'cache-control\nmax-age=-1', 0],
  [200, 'cache-control\nmax-age=99999999999999999999', 31_536_000_000],
  [200, 'cache-control\nmax-age=60\nage\n20', 40_000],
  [200, 'cache-control\nmax-age=60\nage\n80', 0],
  [200, 'cache-control\nno-cache="set-cookie"', 0],
  [200, 'cache-control\nprivate', 0],
  [200, 'cache-control\nprivate="x-a"', 7_200_000],
  [200, 'set-cookie\na=b\ncache-control\nmax-age=5', 0],
  [200, 'set-cookie\na=b\ncache-control\nprivate="Set-Cookie", max-age=5', 5_000],
  [200, 'vary\naccept, *', 0],
  [200, 'expires\nTue, 01 Sep 2026 12:00:30 GMT', 30_000],
  [200, 'expires\nTue, 01 Sep 2026 12:00:30 GMT\ndate\nTue, 01 Sep 2026 12:00:20 GMT', 10_000],
  [200, 'expires\nTue, 01 Sep 2026 12:00:30 GMT\ncache-control\nmax-age=1', 1_000],
  [200, 'expires\n0', 0],
])('a %d with %j is kept for %d ms', (status, headers, expected) => {
  expect(lifetimeMs({ status, headers }, now)).toBe(expected);
});
