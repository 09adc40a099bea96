import { describe, expect, it } from 'vitest';
import { connectHost } from '../dispatch/host.ts';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';
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

describe('user timing', () => {
  it('keeps marks and measures in the order of their start times', async () => {
    const seen = await evaluateInIsolate(`
      const detail = { a: [1] };
      const mark = performance.mark('m', { startTime: 7, detail });
      detail.a.push(2);
      performance.mark('m', { startTime: 9 });
      const measures = [
        performance.measure('text', 'm'),
        performance.measure('both', 'm', 'm'),
        performance.measure('options', { start: 1, duration: 4, detail: 'd' }),
        performance.measure('back', { end: 'm', duration: 5 }),
        performance.measure('whole'),
      ].map(({ name, startTime, duration }) => [name, startTime, duration >= 0 ? 'ok' : duration]);
      const names = () => performance.getEntries().map(({ name, startTime }) => name + startTime);
      const before = names();
      const found = performance.getEntriesByName('m', 'mark').length + performance.getEntriesByType('measure').length;
      performance.clearMarks('m');
      performance.clearMeasures('both');
      return { mark, detail: mark.detail, type: mark instanceof PerformanceEntry, measures, before, found, after: names() };
    `);
    expect(seen).toEqual({
      mark: { name: 'm', entryType: 'mark', startTime: 7, duration: 0, detail: { a: [1] } },
      detail: { a: [1] },
      type: true,
      measures: [
        ['text', 9, expect.anything()],
        ['both', 9, 'ok'],
        ['options', 1, 'ok'],
        ['back', 4, 'ok'],
        ['whole', 0, 'ok'],
      ],
      before: ['whole0', 'options1', 'back4', 'm7', 'm9', 'text9', 'both9'],
      found: 7,
      after: ['whole0', 'options1', 'back4', 'text9'],
    });
  });

  it('refuses what the standard refuses, and too many entries', async () => {
    const seen = await evaluateInIsolate(`
      const attempts = [
        () => performance.measure('x', 'no such mark'),
        () => performance.measure('x', { start: 1, end: 2, duration: 1 }),
        () => performance.measure('x', { detail: 1 }),
        () => performance.measure('x', { start: 1 }, 'end'),
        () => performance.mark('x', { startTime: -1 }),
        () => performance.mark('x', { startTime: NaN }),
        () => performance.mark('x', { detail: () => {} }),
        () => performance.mark(),
        () => new PerformanceEntry(),
        () => new PerformanceMeasure(),
        () => { for (let i = 0; i <= 10_000; i += 1) performance.mark('x'); },
      ];
      return attempts.map((run) => { try { run(); return 'ok'; } catch (error) { return error.name; } });
    `);
    expect(seen).toEqual([
      'SyntaxError',
      ...Array.from({ length: 5 }, () => 'TypeError'),
      'DataCloneError',
      ...Array.from({ length: 3 }, () => 'TypeError'),
      'QuotaExceededError',
    ]);
  });

  it('shows no event the entries of another, and forgets them with it', async () => {
    const source = `performance.mark('start-up'); export default { fetch(request) {
      const before = performance.getEntries().map(({ name }) => name);
      for (let i = 0; i < 6000; i += 1) performance.mark(new URL(request.url).pathname);
      return Response.json(before);
    } }`;
    const isolate = await TestIsolate.start({ source });
    try {
      const first = await isolate.fetch({ url: 'http://worker.test/first' });
      const second = await isolate.fetch({ url: 'http://worker.test/second' });
      expect([first.json, second.json]).toEqual([['start-up'], ['start-up']]);
    } finally {
      isolate.dispose();
    }
  });
});
