import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExpressions } from './evaluated-strings.ts';
import { findGlobalNames } from './global-names.ts';
import { runTestFile } from './run-file.ts';
import { findTestFiles, readTestFile } from './test-file.ts';
import { startTestPlatform, type TestPlatform } from './test-platform.ts';

/** Stands for testharness.js: each `test` runs at once, `done` ends the file. */
const harness = `(function (scope) {
  const tests = [];
  let complete;
  scope.test = (run, name) => {
    try { run(); tests.push({ name, status: 0, message: null }); }
    catch (error) { tests.push({ name, status: 1, message: String(error) }); }
  };
  scope.add_completion_callback = (callback) => { complete = callback; };
  scope.done = () => complete(tests, { status: 0, message: null });
})(self);`;

const files: Readonly<Record<string, string>> = {
  'resources/testharness.js': harness,
  'area/data.json': '{"a":1}',
  'area/helper.js': 'function helper() { return "helped"; }\nvar counter = 1;',
  'area/one.any.js': `// META: script=helper.js
// META: variant=?first
// META: variant=?second
// META: timeout=long
undeclared = 5;
test(() => { if (self.helper() !== 'helped') throw new Error('no helper'); }, 'helper');
test(() => { counter += 1; if (self.counter !== 2) throw new Error('not the same'); }, 'variable');
test(() => { throw new Error(location.search + new Request('x').url.slice(-7)); }, 'location');
test(() => { if (this === undefined || undeclared !== 5) throw new Error('not a script'); }, 'sloppy');
test(() => { const key = 'size'; new Map()[key] = 1; }, 'read-only');`,
  'area/window.any.js': '// META: global=window\n',
  'area/broken.any.js': 'const syntax = ;',
  'area/page.window.js': '',
};

let checkout: string;
let platform: TestPlatform;

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), 'wpt-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  platform = await startTestPlatform(checkout);
});

afterAll(async () => {
  await platform.stop();
  rmSync(checkout, { recursive: true });
});

test('test files are found by folder or by the beginning of their path', () => {
  expect(findTestFiles(checkout, 'area')).toHaveLength(3);
  expect(findTestFiles(checkout, 'area/o')).toEqual(['area/one.any.js']);
  expect(findTestFiles(checkout, 'are')).toHaveLength(3);
});

test('a file says with META lines what it needs', () => {
  expect(readTestFile(checkout, 'area/one.any.js')).toMatchObject({
    scripts: ['area/helper.js'],
    variants: ['?first', '?second'],
    isLong: true,
    runsInWorkers: true,
  });
  expect(readTestFile(checkout, 'area/window.any.js').runsInWorkers).toBe(false);
});

test('a file runs in an isolate like classic scripts at an address', async () => {
  const { engine, site } = platform;
  const file = readTestFile(checkout, 'area/one.any.js');
  const { status, tests } = await runTestFile(engine, site, file, '?second');
  expect([status, tests.map(({ name, message }) => `${name}: ${message}`)]).toEqual([
    0,
    [
      'helper: null',
      'variable: null',
      'location: Error: ?second/area/x',
      'sloppy: null',
      'read-only: null',
    ],
  ]);
});

test('a file that does not start is a failure of the file', async () => {
  const { engine, site } = platform;
  const file = readTestFile(checkout, 'area/broken.any.js');
  expect(await runTestFile(engine, site, file, '')).toMatchObject({
    status: 1,
    message: expect.stringContaining('SyntaxError') as unknown,
    tests: [],
  });
});

test('names and expressions are found in scripts', () => {
  const source = `function f(p) { p = 1; for (b of []) l = 2; } var v, w; let l; a = 1; const strings = ['new F()', 'no code', '1 +'];`;
  expect(findGlobalNames(source)).toEqual({
    functions: ['f'],
    variables: ['v', 'w'],
    assigned: ['b', 'a'],
  });
  expect(findExpressions(source)).toEqual(['new F()']);
});
