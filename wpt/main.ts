import { parseArgs } from 'node:util';
import { areaOf, areas, type Area } from './areas.ts';
import { reasonOfFile } from './expectation.ts';
import { reportLines, surpriseLines } from './report.ts';
import { runTestFile } from './run-file.ts';
import { Tally } from './tally.ts';
import { findTestFiles, readTestFile } from './test-file.ts';
import { startTestPlatform, type TestPlatform } from './test-platform.ts';

const usage = 'npm run wpt -- <web-platform-tests checkout> [area or path…] [--verbose] [--jobs 2]';

/**
 * Runs the web platform tests of a checkout in isolates of this platform and compares the outcome
 * with what `expectations/` says. Exit code 0 when nothing differs, 1 when something does, 2 when
 * the call is wrong.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verbose: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '2' },
    },
  });
  const [checkout, ...wanted] = positionals;
  if (checkout === undefined) {
    process.stderr.write(`usage: ${usage}\n`);
    return 2;
  }
  const names = wanted.length === 0 ? areas.map(({ name }) => name) : wanted;
  const paths = names.flatMap((name) => findTestFiles(checkout, name));
  if (paths.length === 0) {
    process.stderr.write(`no tests of ${names.join(', ')} in ${checkout}\n`);
    return 2;
  }
  const platform = await startTestPlatform(checkout);
  const tallies = new Tallies();
  const queue = [...new Set(paths)];
  const runQueue = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      await runPath(platform, path, tallies, values.verbose);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, runQueue));
  await platform.stop();
  const finished = tallies.finish();
  const surprises = surpriseLines(finished);
  process.stdout.write(`${[...surprises, '', ...reportLines(finished)].join('\n')}\n`);
  return surprises.length === 0 ? 0 : 1;
}

async function runPath(
  platform: TestPlatform,
  path: string,
  tallies: Tallies,
  isVerbose: boolean,
): Promise<void> {
  const { engine, site } = platform;
  const file = readTestFile(site.checkout, path);
  const tally = tallies.of(areaOf(path));
  const reason =
    reasonOfFile(tally.area.expectations, path) ??
    (file.runsInWorkers ? undefined : ('needs Window' as const));
  if (reason !== undefined) {
    tally.addNotApplicable(reason);
    return;
  }
  for (const variant of file.variants) {
    const result = await runTestFile(engine, site, file, variant);
    tally.addFile(path, result);
    if (!isVerbose) continue;
    const passed = result.tests.filter(({ status }) => status === 0).length;
    process.stderr.write(`${path}${variant}: ${passed} of ${result.tests.length}\n`);
  }
}

class Tallies {
  readonly #tallies = new Map<string, Tally>();

  of(area: Area): Tally {
    const tally = this.#tallies.get(area.name) ?? new Tally(area);
    this.#tallies.set(area.name, tally);
    return tally;
  }

  /** In the order of the table of areas. */
  finish(): Tally[] {
    const known = areas.map(({ name }) => name);
    const tallies = [...this.#tallies.values()];
    for (const tally of tallies) tally.finish();
    return tallies.toSorted((a, b) => known.indexOf(a.area.name) - known.indexOf(b.area.name));
  }
}

process.exitCode = await main();
