import { afterEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
let engine: TestEngine | undefined;

const workers = {
  /** Digests so many KiB so many times at once, and answers how many were refused. */
  digest: `let starts = 0; export default { async fetch(request) {
    starts += 1;
    const { searchParams } = new URL(request.url);
    const bytes = new Uint8Array(Number(searchParams.get('kib')) * 1024);
    const all = [];
    for (let i = 0; i < Number(searchParams.get('count')); i += 1) all.push(crypto.subtle.digest('SHA-512', bytes));
    const results = await Promise.allSettled(all);
    return new Response(starts + ' ' + results.filter(({ status }) => status === 'rejected').length);
  } }`,
  small: `export default { async fetch() {
    await crypto.subtle.digest('SHA-256', new Uint8Array(32 * 1024));
    return new Response('fine');
  } }`,
  waiting: `export default { async fetch(request, env, ctx) {
    ctx.waitUntil(crypto.subtle.digest('SHA-512', new Uint8Array(48 * 1024 * 1024)).then(() => console.log('late')));
    return new Response('fine');
  } }`,
};

function start(cpuMs: number): TestEngine {
  engine = new TestEngine({ runtimeScript, workers, limits: { cpuMs }, spareIsolates: 0 });
  return engine;
}

function digest(running: TestEngine, count: number, kib: number) {
  return running.fetch('digest', { url: `http://digest.localhost/?count=${count}&kib=${kib}` });
}

afterEach(() => engine?.dispose());

test('work on other threads costs the event that asked its CPU time', async () => {
  const running = start(60_000);
  await digest(running, 1, 1024);
  const before = process.cpuUsage();
  const { outcome } = await digest(running, 4, 24576);
  const used = process.cpuUsage(before);
  const usedMs = (used.user + used.system) / 1000;
  expect(outcome.cpuMs).toBeGreaterThan(usedMs * 0.6);
  // Copying what is digested out of the isolate is charged, too.
  expect(outcome.cpuMs).toBeLessThan(usedMs * 1.3 + 94);
});

test('isolates take turns: one with much to do does not keep others waiting', async () => {
  const running = start(60_000);
  await running.fetch('small');
  let isOver = false;
  const many = digest(running, 200, 4096).finally(() => (isOver = true));
  for (let i = 0; i < 3; i += 1) expect((await running.fetch('small')).body).toBe('fine');
  expect(isOver).toBe(false);
  await many;
});

test('more work than may wait is refused, and room comes back', async () => {
  const running = start(60_000);
  const [, refused] = (await digest(running, 1000, 64)).body.split(' ');
  expect(Number(refused)).toBeGreaterThan(0);
  expect(Number(refused)).toBeLessThan(1000 - 256);
  expect((await digest(running, 4, 1024)).body).toBe('2 0');
});

test('the results of an event that is over are dropped', async () => {
  const running = start(60_000);
  running.limits.waitUntilMs = 1;
  const { outcome } = await running.fetch('waiting');
  expect(outcome.outcome).toBe('ok');
  expect(running.logs.map(({ message }) => message)).toEqual([
    'waitUntil took too long; the rest of it was dropped',
  ]);
  await digest(running, 4, 8192);
  expect(running.logs).toHaveLength(1);
});
