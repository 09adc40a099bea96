import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { crowdMachine } from './testing/busy-processes.ts';
import { until } from '../testing/until.ts';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const MiB = 1024 * 1024;
const runtimeScript = bundleTestRuntime();
let engine: TestEngine | undefined;
let stopCrowd = (): void => undefined;

afterEach(() => {
  stopCrowd();
  engine?.dispose();
});

const fills = `export default { async fetch() {
  const kept = [];
  for (;;) { kept.push(new Uint8Array(1e6).fill(1)); await null; }
} }`;
const quick = 'export default { fetch() { return new Response("quick"); } }';

/** Memory that neither V8 nor isolated-vm counts for the isolate: a script without the hardening. */
const uncounted = `(host) => (op, id, a, url) => {
  if (op === 2) globalThis[a] = {};
  if (op === 3) delete globalThis[a];
  if (op !== 5 || url === 'http://warm.invalid/') return;
  globalThis.kept ??= [];
  for (;;) {
    const memory = new WebAssembly.Memory({ initial: 256 });
    new Uint8Array(memory.buffer).fill(1);
    kept.push(memory);
  }
}`;

test('an isolate that makes the process grow beyond all measure is ended', async () => {
  engine = new TestEngine({
    runtimeScript: uncounted,
    workers: { hidden: '' },
    limits: { cpuMs: 60_000 },
    memoryBudgetBytes: 8192 * MiB,
  });
  const before = process.memoryUsage.rss();
  expect((await engine.fetch('hidden')).failure).toBe('MemoryLimit');
  expect(process.memoryUsage.rss() - before).toBeLessThan(2048 * MiB);
});

test('when the process is over its budget the one that grows is ended, not its neighbour', async () => {
  engine = new TestEngine({
    runtimeScript,
    workers: {
      quiet:
        'export default { async fetch() { await new Promise((r) => setTimeout(r, 500)); return new Response("fine"); } }',
      full: fills,
    },
    limits: { cpuMs: 60_000, memoryBytes: 2048 * MiB },
    memoryBudgetBytes: 64 * MiB,
  });
  const quiet = engine.fetch('quiet');
  const full = engine.fetch('full');
  expect((await full).failure).toBe('MemoryLimit');
  expect((await quiet).body).toBe('fine');
});

test('once the culprit is ended its memory may come back before anybody else is blamed', async () => {
  const running = new TestEngine({
    runtimeScript,
    workers: {
      busy: `export default { fetch() {
        const kept = new Uint8Array(50e6).fill(1);
        let sum = 0;
        for (let i = 0; i < 3e8; i += 1) sum += kept[i % 1000];
        return new Response(String(sum));
      } }`,
      full: `export default { fetch() {
        const kept = [new Uint8Array(150e6).fill(1)];
        console.log('full');
        for (;;) {
          kept.push(new Uint8Array(1e6).fill(1));
          for (let i = 0; i < 1e6; i += 1) kept[0][i] += i;
        }
      } }`,
    },
    limits: { cpuMs: 60_000, memoryBytes: 2048 * MiB },
    memoryBudgetBytes: 256 * MiB,
  });
  engine = running;
  const full = running.fetch('full');
  await until(
    () => running.logs.length > 0,
    () => 'the line of the log',
  );
  const busy = running.fetch('busy');
  expect((await full).failure).toBe('MemoryLimit');
  expect((await busy).body).toBe('300000000');
});

test('neighbours that come and go are never blamed, also when the machine is crowded', async () => {
  const running = new TestEngine({
    runtimeScript,
    workers: { quick, full1: fills, full2: fills, full3: fills, full4: fills },
    limits: { cpuMs: 60_000, memoryBytes: 2048 * MiB, concurrency: 100 },
    memoryBudgetBytes: 256 * MiB,
  });
  engine = running;
  await running.fetch('quick');
  stopCrowd = crowdMachine(2);
  let isOver = false;
  const failures: unknown[] = [];
  const neighbours = Array.from({ length: 32 }, async () => {
    while (!isOver) {
      const { status, failure } = await running.fetch('quick');
      if (status !== 200) failures.push(failure);
    }
  });
  for (let round = 0; round < 2; round += 1) {
    const ends = await Promise.all(
      ['full1', 'full2', 'full3', 'full4'].map((name) => running.fetch(name)),
    );
    expect(ends.map(({ failure }) => failure)).toEqual(Array(4).fill('MemoryLimit'));
  }
  isOver = true;
  await Promise.all(neighbours);
  expect(failures).toEqual([]);
});

test('memory that no isolate is known to have makes the process ask for its replacement, once', async () => {
  engine = new TestEngine({
    // Four MiB in each request: a slice too short for blame, also where page faults take long.
    runtimeScript: uncounted.replace('for (;;) {', '{').replace('initial: 256', 'initial: 64'),
    workers: { hidden: '' },
    limits: { wallMs: 60_000, concurrency: 1_000 },
    memoryBudgetBytes: 8 * MiB,
  });
  let further = 20;
  for (let request = 0; request < 500 && further > 0; request += 1) {
    void engine.fetch('hidden');
    await delay(10);
    if (engine.overgrown > 0) further -= 1;
  }
  expect(engine.overgrown).toBe(1);
});
