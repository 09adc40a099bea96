import { afterEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
let engine: TestEngine | undefined;

afterEach(() => engine?.dispose());

/** Runs the worker's module with this handler and tells what it answered and what was logged. */
async function run(setUp: string, handler: string): Promise<{ body: string; logs: string[] }> {
  const pause = 'const pause = () => new Promise((resolve) => setTimeout(resolve, 5));';
  const source = `${pause} ${setUp}
    export default { async fetch(request) { ${handler} } }`;
  engine = new TestEngine({ runtimeScript, workers: { worker: source } });
  const { body } = await engine.fetch('worker');
  return { body, logs: engine.logs.map(({ message }) => message) };
}

const listen = `const seen = [];
  addEventListener('unhandledrejection', (event) => {
    const { type, reason, promise, cancelable, isTrusted, target } = event;
    seen.push([type, String(reason), reason instanceof TypeError, promise instanceof Promise, cancelable, isTrusted, target === globalThis]);
    promise.catch((error) => seen.push(error === reason));
  });`;

test('without listeners, a rejection that nobody handles is logged', async () => {
  const { logs } = await run(
    '',
    `Promise.reject(new TypeError('lost')); await pause(); return new Response();`,
  );
  expect(logs).toEqual(['Uncaught TypeError: lost']);
});

test('listeners are told, and the log too', async () => {
  const { body, logs } = await run(
    listen,
    `Promise.reject(new TypeError('lost')); await pause(); return Response.json(seen);`,
  );
  const event = ['unhandledrejection', 'TypeError: lost', true, true, true, true, true];
  expect(JSON.parse(body)).toEqual([event, true]);
  expect(logs).toEqual(['Uncaught TypeError: lost']);
});

test('a listener that prevents the default keeps it out of the log', async () => {
  const { body, logs } = await run(
    `let reason; onunhandledrejection = (event) => { reason = event.reason; event.preventDefault(); };`,
    `const reasons = [];
    for (const value of [new RangeError('a'), 'text', 7, 7n, true, null, undefined, { name: 'Own', message: 'object' }]) {
      Promise.reject(value); await pause();
      reasons.push(reason instanceof Error ? reason.name + ': ' + reason.message : typeof reason + ' ' + reason);
    }
    return Response.json(reasons);`,
  );
  expect(JSON.parse(body)).toEqual([
    'RangeError: a',
    'string text',
    'number 7',
    'bigint 7',
    'boolean true',
    'object null',
    'undefined undefined',
    'Own: object',
  ]);
  expect(logs).toEqual([]);
});

test('a rejection that is handled in time is none, and one of the listener itself ends with its event', async () => {
  const { logs } = await run(
    `addEventListener('unhandledrejection', () => { throw new Error('in the listener'); }, { once: true });`,
    `Promise.reject(1).catch(() => {}); await pause();
    Promise.reject(new Error('first')); await pause();
    Promise.reject(new Error('second')); await pause(); return new Response();`,
  );
  expect(logs).toEqual([
    'Error: in the listener',
    'Uncaught Error: first',
    'Uncaught Error: second',
  ]);
});

test('a listener that always rejects is stopped by the limits', async () => {
  engine = new TestEngine({
    runtimeScript,
    limits: { cpuMs: 100 },
    workers: {
      worker: `addEventListener('unhandledrejection', (event) => { event.preventDefault(); Promise.reject(1); });
        export default { async fetch() { Promise.reject(1); await new Promise(() => {}); } }`,
    },
  });
  const { failure } = await engine.fetch('worker');
  expect(failure).toBe('CpuTimeLimit');
});
