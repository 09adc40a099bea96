import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IdleWatch, type IdleCandidate } from './idle-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Candidate implements IdleCandidate {
  idleSinceStep: number | undefined;
  confirmed = 0;

  confirmIdle(): void {
    this.confirmed += 1;
    this.idleSinceStep = undefined;
  }
}

function becomeIdle(watch: IdleWatch, candidate: Candidate): void {
  candidate.idleSinceStep = watch.step;
  watch.add(candidate);
}

test('a connection is idle after 5 to 10 ms', () => {
  const watch = new IdleWatch();
  const candidate = new Candidate();
  becomeIdle(watch, candidate);
  vi.advanceTimersByTime(5);
  expect(candidate.confirmed).toBe(0);
  vi.advanceTimersByTime(5);
  expect(candidate.confirmed).toBe(1);
});

test('one that is busy again is not, however often that happens', () => {
  const watch = new IdleWatch();
  const candidate = new Candidate();
  for (let round = 0; round < 100; round += 1) {
    becomeIdle(watch, candidate);
    vi.advanceTimersByTime(4);
    candidate.idleSinceStep = undefined;
    vi.advanceTimersByTime(1);
  }
  expect(candidate.confirmed).toBe(0);
  becomeIdle(watch, candidate);
  vi.advanceTimersByTime(10);
  expect(candidate.confirmed).toBe(1);
});

test('no timer runs while nobody is watched', () => {
  const watch = new IdleWatch();
  becomeIdle(watch, new Candidate());
  vi.advanceTimersByTime(20);
  expect(vi.getTimerCount()).toBe(0);
  becomeIdle(watch, new Candidate());
  expect(vi.getTimerCount()).toBe(1);
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
});
