import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { crowdMachine } from './testing/busy-processes.ts';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
/** So that every thread gets a seventh. */
const perCore = 6;
let stopCrowd = (): void => undefined;
let engine: TestEngine | undefined;

const workers = {
  spin: `export default { fetch(request) {
    while (request.headers.get('x-spin') !== null);
    return new Response();
  } }`,
  count: `export default { fetch(request) {
    const until = Number(request.headers.get('x-count'));
    let sum = 0;
    for (let i = 0; i < until; i += 1) sum += i % 7;
    return new Response(String(sum));
  } }`,
  texts: `export default { fetch() {
    let length = 0;
    for (let i = 0; i < 10; i += 1) length += new TextDecoder('ibm866').decode(new Uint8Array(10)).length;
    return new Response(String(length));
  } }`,
  fine: 'export default { fetch() { return new Response("fine"); } }',
};

/** The truth: what the kernel counted for all threads of this process but the main one, in ms. */
function otherThreadsCpuMs(): number {
  let sum = 0;
  for (const task of readdirSync('/proc/self/task')) {
    if (Number(task) === process.pid) continue;
    const [ns = '0'] = readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ');
    sum += Number(ns) / 1e6;
  }
  return sum;
}

async function startEngine(cpuMs: number): Promise<TestEngine> {
  engine = new TestEngine({ runtimeScript, workers, limits: { cpuMs }, spareIsolates: 0 });
  await engine.fetch('fine');
  await engine.fetch('count');
  return engine;
}

async function cpuOf(request: () => Promise<unknown>): Promise<number> {
  const before = otherThreadsCpuMs();
  await request();
  return otherThreadsCpuMs() - before;
}

/** Keeps this thread busy, 4 ms in each turn; answers how to stop that. */
function burnMainThread(): () => void {
  let isOver = false;
  const burn = (): void => {
    if (isOver) return;
    const until = performance.now() + 4;
    while (performance.now() < until);
    setImmediate(burn);
  };
  burn();
  return () => (isOver = true);
}

/** Lets this thread sleep in every decoding, as it would without a core; answers how to stop that. */
function waitInDecoders(ms: number): () => void {
  const Decoder = globalThis.TextDecoder;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  globalThis.TextDecoder = class extends Decoder {
    override decode(...input: Parameters<TextDecoder['decode']>): string {
      Atomics.wait(cell, 0, 0, ms);
      return super.decode(...input);
    }
  };
  return () => (globalThis.TextDecoder = Decoder);
}

/** How far the `count` worker has to count to use so much CPU. */
async function countFor(running: TestEngine, cpuMs: number): Promise<number> {
  const trial = 5e6;
  // Twice: the first time the loop is still being optimised.
  let trialMs = 0;
  for (let i = 0; i < 3; i += 1) {
    trialMs = await cpuOf(() => running.fetch('count', { headers: { 'x-count': `${trial}` } }));
  }
  return Math.round((trial * cpuMs) / trialMs);
}

afterEach(() => {
  stopCrowd();
  engine?.dispose();
});

async function killedAt(): Promise<number> {
  const running = await startEngine(200);
  // Starting the isolate is not part of what is measured.
  await running.fetch('spin');
  return cpuOf(async () => {
    const { outcome } = await running.fetch('spin', { headers: { 'x-spin': '1' } });
    expect(outcome.outcome).toBe('CpuTimeLimit');
  });
}

test('an event is ended within 20 % of its CPU limit', async () => {
  const cpuMs = await killedAt();
  expect(cpuMs).toBeGreaterThan(160);
  expect(cpuMs).toBeLessThan(240);
});

test('an event is ended within 20 % of its CPU limit beside busy processes', async () => {
  stopCrowd = crowdMachine(perCore);
  const cpuMs = await killedAt();
  expect(cpuMs).toBeGreaterThan(160);
  expect(cpuMs).toBeLessThan(240);
});

test('the CPU time of the main thread is charged to nobody', async () => {
  const running = await startEngine(100);
  // Charged with this thread's share as well it would be over its limit.
  const count = await countFor(running, 65);
  stopCrowd = crowdMachine(perCore);
  const stopBurning = burnMainThread();
  let longestMs = 0;
  for (let i = 0; i < 40 && longestMs < 150; i += 1) {
    const { outcome } = await running.fetch('count', { headers: { 'x-count': `${count}` } });
    expect(outcome.outcome).toBe('ok');
    expect(outcome.cpuMs).toBeLessThan(90);
    longestMs = Math.max(longestMs, outcome.wallMs);
  }
  stopBurning();
  expect(longestMs).toBeGreaterThan(150);
}, 60_000);

test('an event does not pay while the main thread, at work for it, waits for a core', async () => {
  const running = await startEngine(100);
  const stopWaiting = waitInDecoders(40);
  const { outcome } = await running.fetch('texts');
  stopWaiting();
  expect(outcome.outcome).toBe('ok');
  expect(outcome.wallMs).toBeGreaterThan(400);
  expect(outcome.cpuMs).toBeLessThan(50);
});

test('wall time alone ends nothing: a fifth of the limit survives beside busy processes', async () => {
  const running = await startEngine(100);
  const count = await countFor(running, 20);
  stopCrowd = crowdMachine(perCore);
  let longestMs = 0;
  for (let i = 0; i < 40 && longestMs < 110; i += 1) {
    const { outcome } = await running.fetch('count', { headers: { 'x-count': `${count}` } });
    expect(outcome.outcome).toBe('ok');
    longestMs = Math.max(longestMs, outcome.wallMs);
  }
  // Over the limit in wall time, at least once: the trial tried something.
  expect(longestMs).toBeGreaterThan(110);
}, 60_000);
