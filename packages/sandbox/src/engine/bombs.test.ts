import { beforeAll, describe, expect, test } from 'vitest';
import { bombs, unstoppableBombs } from './testing/bombs.ts';
import { runBombs, type BombReport } from './testing/run-bombs.ts';
import { bundleTestRuntime } from './testing/test-engine.ts';

const MiB = 1024 * 1024;
/** Less than what one isolate may take; V8 keeps some free pages for the next isolates. */
const memoryBackBytes = 120 * MiB;
const bombsPerProcess = 12;
const bombMs = 15_000;

const runtimeScript = bundleTestRuntime();

const groups = Array.from({ length: Math.ceil(bombs.length / bombsPerProcess) }, (_, index) =>
  bombs.slice(index * bombsPerProcess, (index + 1) * bombsPerProcess),
);

describe.each(groups.map((group, index) => ({ group, index })))('bombs $index', ({ group }) => {
  let report: BombReport;

  beforeAll(async () => {
    const names = group.map(({ name }) => name);
    report = await runBombs({ runtimeScript, names, memoryBackBytes });
  }, bombMs * bombsPerProcess);

  test.each(group)('$name is contained', ({ name, outcomes }) => {
    const result = report.results.get(name);
    expect(report.stderr).toBe('');
    expect(outcomes).toContain(result?.outcome);
    expect(result).toMatchObject({ isNeighbourFine: true, unstoppable: 0 });
  });

  test('no neighbour fails, the process lives and has its memory back', () => {
    expect(report.summary).toMatchObject({ failures: 0, unstoppable: 0 });
    expect(report.summary?.grownBytes).toBeLessThan(memoryBackBytes);
  });
});

test(
  'eight different bombs at once leave the process and the neighbours alone',
  async () => {
    const names = [
      'while(true) in a handler',
      'endless microtasks',
      'growing array',
      'growing array of objects',
      'typed arrays in a catch loop',
      'catastrophic regex',
      'JSON of 200 000 elements in a catch loop',
      'log flood',
    ];
    const report = await runBombs({ runtimeScript, names, allAtOnce: true, memoryBackBytes });
    expect(report.stderr).toBe('');
    for (const name of names) {
      const bomb = bombs.find((each) => each.name === name);
      expect(bomb?.outcomes).toContain(report.results.get(name)?.outcome);
    }
    expect(report.summary).toMatchObject({ failures: 0, unstoppable: 0 });
    expect(report.summary?.grownBytes).toBeLessThan(memoryBackBytes);
  },
  bombMs * 2,
);

test(
  'eight full isolates at once give their memory back',
  async () => {
    const names = [
      'growing array',
      'growing array of numbers',
      'growing array of objects',
      'growing strings',
      'closures',
      'nested arrays',
      'Map flood',
      'symbol flood',
    ];
    const report = await runBombs({
      runtimeScript,
      names,
      allAtOnce: true,
      memoryBackBytes: 80 * MiB,
    });
    expect(report.summary).toMatchObject({ failures: 0, unstoppable: 0 });
    expect(report.summary?.grownBytes).toBeLessThan(80 * MiB);
  },
  bombMs * 2,
);

test(
  'isolates full of buffers give their memory back',
  async () => {
    const names = ['typed arrays', 'typed arrays in a catch loop', 'buffers that move on'];
    const report = await runBombs({ runtimeScript, names, memoryBackBytes: 60 * MiB });
    expect(report.summary).toMatchObject({ failures: 0, unstoppable: 0 });
    expect(report.summary?.grownBytes).toBeLessThan(60 * MiB);
  },
  bombMs * 2,
);

test.each(unstoppableBombs)(
  '$name ends its event, is reported, and leaves the neighbours alone',
  async ({ name, outcomes }) => {
    const report = await runBombs({
      runtimeScript,
      names: [name],
      isUnstoppable: true,
      memoryBackBytes: 4096 * MiB,
    });
    expect(outcomes).toContain(report.results.get(name)?.outcome);
    expect(report.summary).toMatchObject({ failures: 0, unstoppable: 1 });
  },
  bombMs * 2,
);
