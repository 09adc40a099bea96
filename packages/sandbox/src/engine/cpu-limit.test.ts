import { fork, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const runtimeScript = bundleTestRuntime();
const busyProcesses: ChildProcess[] = [];
let engine: TestEngine | undefined;

const workers = {
  spin: 'export default { fetch() { while (true); } }',
  count: `export default { fetch(request) {
    const until = Number(request.headers.get('x-count'));
    let sum = 0;
    for (let i = 0; i < until; i += 1) sum += i % 7;
    return new Response(String(sum));
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

function startBusyProcesses(): void {
  const path = fileURLToPath(new URL('testing/busy-process.ts', import.meta.url));
  // Six per core, so that every thread gets a seventh.
  for (let i = 0; i < 6 * availableParallelism(); i += 1) busyProcesses.push(fork(path));
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

afterEach(() => {
  for (const child of busyProcesses.splice(0)) child.kill('SIGKILL');
  engine?.dispose();
});

async function killedAt(): Promise<number> {
  const running = await startEngine(200);
  // The first one starts the worker.
  await running.fetch('spin');
  return cpuOf(async () => {
    // Its isolate was ended: this includes the start of another, about 10 ms.
    const { outcome } = await running.fetch('spin');
    expect(outcome.outcome).toBe('CpuTimeLimit');
  });
}

test('an event is ended within 20 % of its CPU limit', async () => {
  const cpuMs = await killedAt();
  expect(cpuMs).toBeGreaterThan(160);
  expect(cpuMs).toBeLessThan(240);
});

test('an event is ended within 20 % of its CPU limit beside busy processes', async () => {
  startBusyProcesses();
  const cpuMs = await killedAt();
  expect(cpuMs).toBeGreaterThan(160);
  expect(cpuMs).toBeLessThan(240);
});

test('wall time alone ends nothing: a fifth of the limit survives beside busy processes', async () => {
  const running = await startEngine(100);
  const trial = 1e6;
  const trialMs = await cpuOf(() => running.fetch('count', { headers: { 'x-count': `${trial}` } }));
  const count = Math.round((trial * 20) / trialMs);
  startBusyProcesses();
  let longestMs = 0;
  for (let i = 0; i < 40 && longestMs < 110; i += 1) {
    const { outcome } = await running.fetch('count', { headers: { 'x-count': `${count}` } });
    expect(outcome.outcome).toBe('ok');
    longestMs = Math.max(longestMs, outcome.wallMs);
  }
  // Over the limit in wall time, at least once: the trial tried something.
  expect(longestMs).toBeGreaterThan(110);
}, 60_000);
