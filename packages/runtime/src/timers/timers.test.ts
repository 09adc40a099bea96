import { expect, test } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

test('timers run in order of their delays and pass arguments', async () => {
  const result = await evaluateInIsolate(`
    const seen = [];
    await new Promise((resolve) => {
      setTimeout((a, b) => { seen.push(a + b); resolve(); }, 20, 1, 2);
      setTimeout(() => seen.push('early'), 0);
      setImmediate((x) => seen.push(x), 'immediate');
      queueMicrotask(() => seen.push('microtask'));
      seen.push('sync');
    });
    return seen;
  `);
  expect(result).toEqual(['sync', 'microtask', 'early', 'immediate', 3]);
});

test('an interval repeats until it is cleared, also from its own callback', async () => {
  const result = await evaluateInIsolate(`
    let count = 0;
    await new Promise((resolve) => {
      const id = setInterval(() => { count += 1; if (count === 3) { clearInterval(id); resolve(); } }, 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    return count;
  `);
  expect(result).toBe(3);
});

test('a cleared timer does not run; unknown ids are ignored', async () => {
  const result = await evaluateInIsolate(`
    let ran = false;
    const id = setTimeout(() => { ran = true; }, 1);
    clearTimeout(id); clearTimeout(id); clearTimeout(undefined); clearTimeout('x'); clearInterval(9999);
    await scheduler.wait(10);
    return [typeof id, ran];
  `);
  expect(result).toEqual(['number', false]);
});

test('delays are converted as everywhere', async () => {
  const result = await evaluateInIsolate(`
    const seen = [];
    await new Promise((resolve) => {
      for (const delay of [undefined, null, -5, NaN, '1', {}, 2 ** 32, Infinity]) {
        setTimeout(() => { if (seen.push(1) === 8) resolve(); }, delay);
      }
    });
    return seen.length;
  `);
  expect(result).toBe(8);
});

test('what is not a function is refused', async () => {
  const result = await evaluateInIsolate(`
    return [() => setTimeout('code'), () => setTimeout(), () => setInterval({}), () => queueMicrotask(),
      () => setImmediate(null), () => setTimeout(() => {}, 1n)].map((attempt) => {
      try { attempt(); return 'allowed'; } catch (error) { return error.constructor.name; }
    });
  `);
  expect(result).toEqual(Array.from({ length: 6 }, () => 'TypeError'));
});

test('one timer more than allowed throws a QuotaExceededError', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { fetch() {
      let count = 0;
      try { for (;;) { setTimeout(() => {}, 1000); count += 1; } } catch (error) {
        return Response.json([count, error.name, error instanceof DOMException]);
      }
    } }`,
    options: { maxTimers: 7 },
  });
  const first = await (await isolate.fetch()).done();
  expect(first.json).toEqual([7, 'QuotaExceededError', true]);
  // The first request's timers have ended with it.
  const second = await (await isolate.fetch()).done();
  expect(second.json).toEqual([7, 'QuotaExceededError', true]);
  isolate.dispose();
});

test('exceptions of timers, microtasks and reportError are logged, the request goes on', async () => {
  const isolate = await TestIsolate.start({
    source: `export default { async fetch() {
      setTimeout(() => { throw new Error('timer'); }, 1);
      queueMicrotask(() => { throw new Error('microtask'); });
      reportError(new Error('reported'));
      await scheduler.wait(20);
      return new Response('fine');
    } }`,
  });
  const event = await (await isolate.fetch()).done();
  expect(event.text).toBe('fine');
  expect(event.exceptions.map(({ message, isBackground }) => [message, isBackground])).toEqual([
    ['Error: reported', true],
    ['Error: microtask', true],
    ['Error: timer', true],
  ]);
  isolate.dispose();
});

test('timers set while the worker starts end with its start', async () => {
  const isolate = await TestIsolate.start({
    source: `setTimeout(() => console.log('never'), 1);
    export default { async fetch() { await scheduler.wait(20); return new Response(); } }`,
  });
  await (await isolate.fetch()).done();
  expect(isolate.logs).toEqual([]);
  isolate.dispose();
});
