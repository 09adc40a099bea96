import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * Which package may import which. The arrows are the architecture (docs/architecture.md): `sandbox`
 * can never reach `db`, so nothing that runs beside strangers' code can hold a connection.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  db: ['core'],
  postgate: ['core', 'db'],
  runtime: [],
  sandbox: ['core', 'runtime'],
  'node-compat': [],
  build: ['core', 'node-compat', 'runtime', 'sandbox'],
  runner: ['core', 'db', 'postgate', 'sandbox', 'build'],
  cli: ['core', 'db', 'postgate', 'build'],
};

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The sandbox process may read none of the libraries that the whole of `core` loads: it imports single
 * modules of it, and otherwise only types.
 */
const wholeCore = /^import (?!type\b)[^;]*from '@openworkers\/core';/m;

/** Every way of naming another module: import, export … from, import(), and import types. */
function importedModules(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

function problemOf(packageName: string, file: string, specifier: string): string | undefined {
  const scoped = /^@openworkers\/([^/]+)/.exec(specifier)?.[1];
  const target = scoped ?? packageOfRelative(file, specifier);
  if (target === undefined || target === packageName) return undefined;
  if (scoped === undefined) return `reaches into package ${target} by a relative path`;
  return allowed[packageName]?.includes(target) ? undefined : `must not import ${specifier}`;
}

function packageOfRelative(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = relative(root, resolve(dirname(file), specifier));
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}

const problems: string[] = [];
for (const path of globSync('packages/*/src/**/*.ts', { cwd: root })) {
  const packageName = path.split('/')[1] ?? '';
  if (allowed[packageName] === undefined) {
    problems.push(
      `${path}: package ${packageName} is not in the table of scripts/check-imports.ts`,
    );
    continue;
  }
  const file = resolve(root, path);
  if (
    packageName === 'sandbox' &&
    !/\.test\.ts$|\/testing\//.test(path) &&
    wholeCore.test(readFileSync(file, 'utf8'))
  ) {
    problems.push(`${path}: imports all of @openworkers/core; name the module`);
  }
  for (const specifier of importedModules(file)) {
    const problem = problemOf(packageName, file, specifier);
    if (problem !== undefined) problems.push(`${path}: ${problem}`);
  }
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
