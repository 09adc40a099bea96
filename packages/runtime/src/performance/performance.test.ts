import { describe, expect, it } from 'vitest';
import { connectHost } from '../dispatch/host.ts';
import { createNavigator, Navigator } from './navigator.ts';
import { createPerformance, Performance } from './performance.ts';

describe('performance', () => {
  it('counts whole milliseconds since the isolate booted, and never back', () => {
    connectHost({ host: () => {}, hostSync: () => undefined });
    const performance = createPerformance();
    expect(Math.abs(performance.timeOrigin - Date.now())).toBeLessThan(60_000);
    const times = Array.from({ length: 1000 }, () => performance.now());
    expect(times.every(Number.isInteger)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(performance.toJSON()).toEqual({ timeOrigin: performance.timeOrigin });
  });

  it('cannot be constructed or called on anything else', () => {
    expect(() => Reflect.construct(Performance, [])).toThrow(TypeError);
    const now: unknown = Reflect.get(Performance.prototype, 'now');
    if (typeof now !== 'function') throw new Error('no method');
    expect(() => Reflect.apply(now, {}, [])).toThrow(TypeError);
  });
});

describe('navigator', () => {
  it('names the platform', () => {
    expect(createNavigator().userAgent).toBe('OpenWorkers');
    expect(createNavigator()).toMatchObject({
      appCodeName: 'Mozilla',
      appName: 'Netscape',
      appVersion: '5.0 (OpenWorkers)',
      platform: '',
      product: 'Gecko',
    });
    expect(() => Reflect.construct(Navigator, [])).toThrow(TypeError);
  });
});
