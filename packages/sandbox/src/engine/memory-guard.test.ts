import { afterEach, expect, test } from 'vitest';
import { bundleTestRuntime, TestEngine } from './testing/test-engine.ts';

const MiB = 1024 * 1024;
const runtimeScript = bundleTestRuntime();
let engine: TestEngine | undefined;

afterEach(() => engine?.dispose());

/** Memory that neither V8 nor isolated-vm counts for the isolate: a script without the hardening. */
const uncounted = `(host) => (op, id, a, url) => {
  if (op === 2) globalThis[a] = {};
  if (op === 3) delete globalThis[a];
  if (op !== 5 || url === 'http://warm.invalid/') return;
  globalThis.kept = [];
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
  expect((await engine.fetch('hidden')).failure).toBe('MemoryLimit');
});

test('when the process is over its budget the one that grows is ended, not its neighbour', async () => {
  engine = new TestEngine({
    runtimeScript,
    workers: {
      quiet:
        'export default { async fetch() { await new Promise((r) => setTimeout(r, 500)); return new Response("fine"); } }',
      full: `export default { async fetch() {
        const kept = [];
        for (;;) { kept.push(new Uint8Array(1e6).fill(1)); await null; }
      } }`,
    },
    limits: { cpuMs: 60_000, memoryBytes: 2048 * MiB },
    memoryBudgetBytes: 64 * MiB,
  });
  const quiet = engine.fetch('quiet');
  const full = engine.fetch('full');
  expect((await full).failure).toBe('MemoryLimit');
  expect((await quiet).body).toBe('fine');
});
