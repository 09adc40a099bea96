import { afterEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
let engine: TestEngine | undefined;

/** Derives so often at once, about 45 ms for each 100 000 iterations; answers how often it was asked, and was refused. */
const derive = `let starts = 0; export default { async fetch(request) {
  starts += 1;
  const { searchParams } = new URL(request.url);
  const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
  const params = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: Number(searchParams.get('iterations')) };
  const all = [];
  for (let i = 0; i < Number(searchParams.get('count')); i += 1) {
    all.push(crypto.subtle.deriveBits(params, key, 512).finally(() => console.log('derived')));
  }
  console.log('started');
  const results = await Promise.allSettled(all);
  return new Response(starts + ' ' + results.filter(({ status }) => status === 'rejected').length);
} }`;

const workers = {
  derive,
  second: derive,
  third: derive,
  small: `export default { async fetch() {
    await crypto.subtle.digest('SHA-256', new Uint8Array(32 * 1024));
    return new Response('fine');
  } }`,
  count: `export default { fetch(request) {
    const until = Number(request.headers.get('x-count'));
    let sum = 0;
    for (let i = 0; i < until; i += 1) sum += i % 7;
    return new Response(String(sum));
  } }`,
  waiting: `export default { async fetch(request, env, ctx) {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
    const params = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 900_000 };
    ctx.waitUntil(crypto.subtle.deriveBits(params, key, 512).then(() => console.log('late')));
    return new Response('fine');
  } }`,
};

function start(cpuMs: number): TestEngine {
  engine = new TestEngine({ runtimeScript, workers, limits: { cpuMs }, spareIsolates: 0 });
  return engine;
}

function ask(running: TestEngine, count: number, iterations = 100_000, worker = 'derive') {
  const query = `count=${count}&iterations=${iterations}`;
  return running.fetch(worker, { url: `http://derive.localhost/?${query}` });
}

/** Resolves when so many have asked for everything that they want. */
async function untilStarted(running: TestEngine, count: number): Promise<void> {
  const countStarted = (): number =>
    running.logs.filter(({ message }) => message === 'started').length;
  while (countStarted() < count) await new Promise((resolve) => setImmediate(resolve));
}

afterEach(() => engine?.dispose());

test('work on other threads costs the event that asked its CPU time', async () => {
  const running = start(60_000);
  await ask(running, 1);
  const before = process.cpuUsage();
  const { outcome } = await ask(running, 6);
  const used = process.cpuUsage(before);
  const usedMs = (used.user + used.system) / 1000;
  expect(outcome.cpuMs).toBeGreaterThan(usedMs * 0.7);
  expect(outcome.cpuMs).toBeLessThan(usedMs * 1.2);
});

test('an event over its CPU limit by such work ends alone: its isolate goes on', async () => {
  const running = start(100);
  expect((await ask(running, 1, 10)).body).toBe('1 0');
  // One that cannot be stopped and takes four times as long.
  const answer = await ask(running, 1, 900_000);
  expect(answer).toMatchObject({ failure: 'CpuTimeLimit', outcome: { outcome: 'CpuTimeLimit' } });
  // The same isolate: its state is there.
  expect((await ask(running, 1, 10)).body).toBe('3 0');
});

test('neighbours do not pay for the work of others', async () => {
  const running = start(60_000);
  const count = { headers: { 'x-count': '60000000' } };
  await running.fetch('count', count);
  const alone = await running.fetch('count', count);
  const other = ask(running, 12);
  await running.fetch('small');
  const beside = await running.fetch('count', count);
  // Charged with what the other's two threads use as well, it would be three times as much.
  expect(beside.outcome.cpuMs).toBeLessThan(alone.outcome.cpuMs * 2);
  await other;
});

test('isolates take turns: one with much to do does not keep others waiting', async () => {
  const running = start(60_000);
  await running.fetch('small');
  const many = ask(running, 8, 100_000);
  await untilStarted(running, 1);
  expect((await running.fetch('small')).body).toBe('fine');
  // There was a thread for it before any of the many was done.
  expect(running.logs.map(({ message }) => message)).not.toContain('derived');
  await many;
});

test('work that takes long leaves threads to short work', async () => {
  const running = start(60_000);
  await running.fetch('small');
  const long = ['derive', 'second', 'third'].map((worker) => ask(running, 2, 900_000, worker));
  await untilStarted(running, 3);
  expect((await running.fetch('small')).body).toBe('fine');
  expect(running.logs.map(({ message }) => message)).not.toContain('derived');
  running.dispose();
  await Promise.all(long);
});

test('more work than may wait is refused, and room comes back', async () => {
  const running = start(60_000);
  const [, refused] = (await ask(running, 1500, 2000)).body.split(' ');
  expect(Number(refused)).toBeGreaterThan(0);
  expect(Number(refused)).toBeLessThan(1500 - 1024 + 1);
  expect((await ask(running, 4, 10)).body).toBe('2 0');
});

test('the results of an event that is over are dropped', async () => {
  const running = start(60_000);
  running.limits.waitUntilMs = 1;
  const { outcome } = await running.fetch('waiting');
  expect(outcome.outcome).toBe('ok');
  expect(running.logs.map(({ message }) => message)).toEqual([
    'waitUntil took too long; the rest of it was dropped',
  ]);
  // One long job runs at a time: this one comes after the other's end.
  await ask(running, 1, 200_000);
  expect(running.logs.map(({ message }) => message)).not.toContain('late');
});
