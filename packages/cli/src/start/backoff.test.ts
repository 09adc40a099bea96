import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

test('pauses double up to a limit and begin anew after a healthy run', () => {
  const backoff = new Backoff({ minMs: 100, maxMs: 350, healthyMs: 1000 });
  expect([0, 10, 999, 0].map((ranMs) => backoff.afterFailure(ranMs))).toEqual([100, 200, 350, 350]);
  expect(backoff.afterFailure(1000)).toBe(100);
  expect(backoff.afterFailure(0)).toBe(200);
});
