import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { connectServices } from '../dispatch/services.ts';
import { AbortController } from './abort-controller.ts';
import { AbortSignal } from './abort-signal.ts';
import { AbortState, abortStateOf } from './abort-state.ts';
import type { Event } from './event.ts';

let timers: { run: () => void; delayMs: number }[] = [];
let seen: unknown[] = [];

beforeEach(() => {
  timers = [];
  seen = [];
  connectServices({
    currentEventId: () => 0,
    isCurrentEventOver: () => false,
    currentLifetime: () => ({ isOver: false }),
    reportException: (error) => {
      throw error;
    },
    startTimer: (run, delayMs) => {
      timers.push({ run, delayMs });
      return () => {};
    },
  });
});

setFlagsFromString('--expose-gc');
// With that flag a new context has this function.
// The name depends on how the process was started.
const collect = runInNewContext('typeof gc === "function" ? gc : self') as () => void;

function stateOf(signal: AbortSignal): AbortState {
  return abortStateOf(signal) ?? new AbortState();
}

describe('AbortController', () => {
  it('aborts its signal once, with the first reason', () => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => seen.push('listener'));
    controller.signal.onabort = (event: Event): void => void seen.push(event.type);
    expect(controller.signal.aborted).toBe(false);
    controller.abort('first');
    controller.abort('second');
    expect(seen).toEqual(['listener', 'abort']);
    expect([controller.signal.aborted, controller.signal.reason]).toEqual([true, 'first']);
    expect(() => controller.signal.throwIfAborted()).toThrow('first');
  });

  it('gives an AbortError when there is no reason', () => {
    const controller = new AbortController();
    controller.abort();
    expect(controller.signal.reason).toMatchObject({ name: 'AbortError', code: 20 });
    expect(AbortSignal.abort().reason).toMatchObject({ name: 'AbortError' });
    expect(AbortSignal.abort(null).reason).toBeNull();
  });

  it('runs algorithms before listeners, and not those that were taken back', () => {
    const controller = new AbortController();
    const state = stateOf(controller.signal);
    controller.signal.onabort = (): void => void seen.push('event');
    state.addAlgorithm(() => seen.push(1));
    state.addAlgorithm(() => seen.push(2))();
    controller.abort();
    state.addAlgorithm(() => seen.push(3));
    expect(seen).toEqual([1, 'event']);
  });
});

describe('AbortSignal', () => {
  it('cannot be constructed', () => {
    expect(() => Reflect.construct(AbortSignal, [])).toThrow(TypeError);
    expect(() => Reflect.construct(AbortSignal, [{}])).toThrow(TypeError);
  });

  it('keeps the place of its event handler while the function changes', () => {
    const controller = new AbortController();
    const { signal } = controller;
    signal.onabort = (): void => void seen.push('old');
    signal.addEventListener('abort', () => seen.push('listener'));
    signal.onabort = (): void => void seen.push('new');
    controller.abort();
    expect(seen).toEqual(['new', 'listener']);
    signal.onabort = 1;
    expect(signal.onabort).toBeNull();
  });

  it('times out', () => {
    const signal = AbortSignal.timeout(20.9);
    expect(timers.map((timer) => timer.delayMs)).toEqual([20]);
    expect(signal.aborted).toBe(false);
    timers[0]?.run();
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', code: 23 });
    for (const wrong of [-1, NaN, Infinity, 2 ** 53, 'x']) {
      expect(() => AbortSignal.timeout(wrong)).toThrow(TypeError);
    }
  });

  it('follows any of several signals', () => {
    const first = new AbortController();
    const second = new AbortController();
    const any = AbortSignal.any([first.signal, second.signal]);
    const nested = AbortSignal.any([any]);
    nested.onabort = (): void => void seen.push(any.aborted);
    second.abort('reason');
    first.abort('too late');
    expect([any.reason, nested.reason]).toEqual(['reason', 'reason']);
    expect(seen).toEqual([true]);
    expect(AbortSignal.any([first.signal]).reason).toBe('too late');
    expect(AbortSignal.any([]).aborted).toBe(false);
    expect(() => AbortSignal.any([{}])).toThrow(TypeError);
  });

  it('aborts all dependent signals before the first listener runs', () => {
    const controller = new AbortController();
    const dependents = [1, 2, 3].map(() => AbortSignal.any([controller.signal]));
    controller.signal.onabort = (): void =>
      void seen.push(dependents.map((signal) => signal.aborted));
    controller.abort();
    expect(seen).toEqual([[true, true, true]]);
  });

  it('does not keep dependent signals that nobody waits for', async () => {
    const controller = new AbortController();
    const forgotten = [1, 2].map(() => new WeakRef(AbortSignal.any([controller.signal])));
    const heard = [1, 2].map((id) => {
      const signal = AbortSignal.any([controller.signal]);
      signal.addEventListener('abort', () => seen.push(id));
      return new WeakRef(signal);
    });
    // A WeakRef keeps its target until the job that made it ends.
    await new Promise(setImmediate);
    collect();
    expect(forgotten.map((ref) => ref.deref())).toEqual([undefined, undefined]);
    expect(heard.every((ref) => ref.deref() !== undefined)).toBe(true);
    controller.abort();
    expect(seen).toEqual([1, 2]);
  });

  it('does not grow with the number of signals that have followed it', async () => {
    const controller = new AbortController();
    const measure = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const follow = async (): Promise<void> => {
      for (let round = 0; round < 20; round += 1) {
        for (let i = 0; i < 1000; i += 1) AbortSignal.any([controller.signal]);
        await new Promise(setImmediate);
        collect();
      }
    };
    await follow();
    const before = measure();
    await follow();
    // 20 000 links would take more than a megabyte.
    expect(measure() - before).toBeLessThan(500_000);
  });
});
