import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuAccount } from './cpu-account.ts';
import { TimerQueue } from './timer-queue.ts';

function takeAll(queue: TimerQueue, now: number): number[] {
  const ids: number[] = [];
  for (let timer = queue.takeDue(now); timer !== undefined; timer = queue.takeDue(now)) {
    ids.push(timer.id);
  }
  return ids;
}

test('timers come out when they are due, in the order they were set when due together', () => {
  const queue = new TimerQueue();
  const account = new CpuAccount(1, 100);
  for (const [id, delayMs] of [
    [1, 20],
    [2, 10],
    [3, 10],
    [4, 30],
  ] as const) {
    queue.set({ id, account, delayMs, now: 0 });
  }
  expect(queue.nextDueAt).toBe(10);
  expect(takeAll(queue, 9)).toEqual([]);
  expect(takeAll(queue, 20)).toEqual([2, 3, 1]);
  expect(queue.size).toBe(1);
});

test('cleared timers and those of an account that ended never come out', () => {
  const queue = new TimerQueue();
  const [one, other] = [new CpuAccount(1, 100), new CpuAccount(2, 100)];
  for (let id = 1; id <= 6; id += 1) {
    queue.set({ id, account: id % 2 === 0 ? one : other, delayMs: 10 - id, now: 0 });
  }
  queue.clear(3);
  queue.clear(99);
  queue.clearAccount(one);
  expect(takeAll(queue, 100)).toEqual([5, 1]);
});

test('any mixture of setting and clearing keeps the order', () => {
  const steps = fc.array(fc.tuple(fc.nat(20), fc.nat(50), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (list) => {
      const queue = new TimerQueue();
      const account = new CpuAccount(1, 100);
      const expected = new Map<number, { dueAt: number; order: number }>();
      for (const [order, [id, delayMs, isClear]] of list.entries()) {
        if (isClear) {
          queue.clear(id);
          expected.delete(id);
        } else {
          queue.set({ id, account, delayMs, now: 0 });
          expected.set(id, { dueAt: delayMs, order });
        }
      }
      const sorted = [...expected].sort(([, a], [, b]) => a.dueAt - b.dueAt || a.order - b.order);
      expect(takeAll(queue, 100)).toEqual(sorted.map(([id]) => id));
    }),
  );
});
