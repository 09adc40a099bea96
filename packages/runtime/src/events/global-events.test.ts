import { describe, expect, it } from 'vitest';
import { evaluateInIsolate, TestIsolate } from '../testing/isolate-driver.ts';

describe('the global object as an event target', () => {
  it('tells listeners of errors that nobody catches, and logs what they do not prevent', async () => {
    const isolate = await TestIsolate.start({
      source: `
        const seen = [];
        addEventListener('error', (event) => {
          seen.push([event.constructor.name, event.message, event.error.message, event.target === globalThis, event.cancelable, event.filename, event.lineno > 0]);
          if (event.error.message === 'prevented') event.preventDefault();
        });
        export default { async fetch() {
          setTimeout(() => { throw new Error('timer'); });
          queueMicrotask(() => { throw new Error('microtask'); });
          new EventTarget().dispatchEvent(new Event('x'));
          const target = new EventTarget();
          target.addEventListener('x', () => { throw new Error('listener'); });
          target.dispatchEvent(new Event('x'));
          reportError(new Error('prevented'));
          await scheduler.wait(5);
          return Response.json(seen);
        } }`,
    });
    const event = await isolate.fetch();
    expect(event.json).toEqual(
      ['listener', 'prevented', 'microtask', 'timer'].map((text) => [
        'ErrorEvent',
        `Uncaught Error: ${text}`,
        text,
        true,
        true,
        'worker.js',
        true,
      ]),
    );
    expect(event.exceptions.map(({ message }) => message)).toEqual([
      'Error: listener',
      'Error: microtask',
      'Error: timer',
    ]);
    isolate.dispose();
  });

  it('calls onerror with five arguments, and true prevents', async () => {
    const seen = await evaluateInIsolate(`
      const seen = [onerror, onunhandledrejection, onrejectionhandled];
      onerror = function (...args) { seen.push([args.length, args[0], args[4].message, this === globalThis]); return true; };
      reportError(new Error('x'));
      onerror = 7;
      seen.push(onerror);
      return seen;
    `);
    expect(seen).toEqual([null, null, null, [5, 'Uncaught Error: x', 'x', true], null]);
  });

  it('only logs what its own listeners throw', async () => {
    const isolate = await TestIsolate.start({
      source: `addEventListener('error', () => { throw new Error('again'); });
        export default { fetch() { reportError(1); return new Response(); } }`,
    });
    const event = await isolate.fetch();
    expect(event.exceptions.map(({ message }) => message)).toEqual(['Error: again', 'Uncaught 1']);
    isolate.dispose();
  });

  it('takes events of any type, with options', async () => {
    const seen = await evaluateInIsolate(`
      const seen = [];
      const listener = (event) => seen.push([event.type, event.target === globalThis, event.isTrusted]);
      addEventListener('mine', listener, { once: true });
      const results = [dispatchEvent(new Event('mine')), dispatchEvent(new Event('mine'))];
      addEventListener('mine', (event) => event.preventDefault());
      removeEventListener('mine', listener);
      results.push(dispatchEvent(new Event('mine', { cancelable: true })));
      for (const run of [() => dispatchEvent({}), () => addEventListener('mine'), () => addEventListener('x', 1)]) {
        try { run(); results.push('fine'); } catch (error) { results.push(error.name); }
      }
      return [seen, results];
    `);
    expect(seen).toEqual([
      [['mine', true, false]],
      [true, true, false, 'TypeError', 'TypeError', 'TypeError'],
    ]);
  });

  it('has PromiseRejectionEvent, which needs a promise', async () => {
    const seen = await evaluateInIsolate(`
      const promise = Promise.resolve(1);
      const event = new PromiseRejectionEvent('x', { promise, reason: 2, cancelable: true });
      const results = [event.promise === promise, event.reason, event.cancelable, PromiseRejectionEvent.length];
      try { new PromiseRejectionEvent('x', {}); } catch (error) { results.push(error.name); }
      return results;
    `);
    expect(seen).toEqual([true, 2, true, 2, 'TypeError']);
  });
});
