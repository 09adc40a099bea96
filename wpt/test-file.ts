import { globSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A test file of the checkout and what its `// META:` lines ask for. */
export interface TestFile {
  /** In the checkout, with `/` between names. */
  readonly path: string;
  readonly source: string;
  /** Paths of the scripts to run before it, in order. */
  readonly scripts: readonly string[];
  /** Queries to run it with, `''` when it has no variants. */
  readonly variants: readonly string[];
  readonly isLong: boolean;
  /** Whether it says that it runs outside of a window. */
  readonly runsInWorkers: boolean;
}

const metaLine = /^\/\/ META: *([a-z]+)=(.*)$/gm;
const importedScripts = /importScripts\(([^)]*)\)/g;
const workerScopes = new Set(['worker', 'dedicatedworker', 'sharedworker', 'serviceworker']);

/** Paths of the `.any.js` and `.worker.js` files in a folder of the checkout, or the one file named. */
export function findTestFiles(checkout: string, path: string): string[] {
  const stat = statSync(join(checkout, path), { throwIfNoEntry: false });
  const found = stat?.isDirectory()
    ? globSync(`${path}/**/*.{any,worker}.js`, { cwd: checkout })
    : globSync([`${path}*.{any,worker}.js`, `${path}*/**/*.{any,worker}.js`], { cwd: checkout });
  return (stat?.isFile() ? [path] : found).toSorted();
}

export function readTestFile(checkout: string, path: string): TestFile {
  const source = readFileSync(join(checkout, path), 'utf8');
  const meta = [...source.matchAll(metaLine)].map(([, key, value]) => ({
    key,
    value: value?.trim() ?? '',
  }));
  const valuesOf = (wanted: string): string[] =>
    meta.filter(({ key }) => key === wanted).map(({ value }) => value);
  const scopes = valuesOf('global').flatMap((value) => value.split(',').map((name) => name.trim()));
  const variants = valuesOf('variant');
  return {
    path,
    source,
    scripts: [...valuesOf('script'), ...namesInImportScripts(source)]
      .map((script) => resolvePath(path, script))
      .filter((script) => script !== 'resources/testharness.js'),
    variants: variants.length === 0 ? [''] : variants,
    isLong: valuesOf('timeout').includes('long'),
    runsInWorkers: scopes.length === 0 || scopes.some((scope) => workerScopes.has(scope)),
  };
}

/** A reference in a test file as a path of the checkout. */
function resolvePath(from: string, reference: string): string {
  const resolved = reference.startsWith('/')
    ? posix.normalize(reference)
    : posix.join('/', posix.dirname(from), reference);
  return resolved.slice(1);
}

function namesInImportScripts(source: string): string[] {
  return [...source.matchAll(importedScripts)].flatMap(([, names = '']) =>
    [...names.matchAll(/["']([^"']+)["']/g)].map(([, name = '']) => name),
  );
}
