import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { findExpressions } from './evaluated-strings.ts';
import { findGlobalNames } from './global-names.ts';
import { softenAssignments } from './soften-assignments.ts';
import type { TestFile } from './test-file.ts';
import type { TestContext } from './worker/test-context.ts';

export interface TestSite {
  /** Folder of the checkout. */
  readonly checkout: string;
  /** Origin that relative URLs of tests resolve to, without a slash at the end. */
  readonly origin: string;
  /** Fills `{{…}}` in files with `.sub.` in their names. */
  readonly substitute: (source: string) => string;
}

/** What the server of the web platform tests serves from elsewhere. */
const movedFiles: Readonly<Record<string, string>> = {
  'resources/WebIDLParser.js': 'resources/webidl2/lib/webidl2.js',
};

/** Milliseconds a test file may take, as the web platform tests define them. */
const normalTimeoutMs = 10_000;
const longTimeoutMs = 60_000;

function timeoutOf(file: TestFile): number {
  return file.isLong ? longTimeoutMs : normalTimeoutMs;
}

/**
 * The worker that runs a test file: one module whose `fetch` evaluates testharness.js, the scripts
 * the test asks for and the test itself in one function, and answers with the results as JSON.
 */
export function createTestWorker(site: TestSite, file: TestFile, variant: string): string {
  const read = (path: string): string => {
    const source = readFileSync(join(site.checkout, movedFiles[path] ?? path), 'utf8');
    return path.includes('.sub.') ? site.substitute(source) : source;
  };
  const scripts = [...file.scripts, file.path].map(read).map(softenAssignments);
  const context: TestContext = {
    url: `${site.origin}/${file.path}${variant}`,
    timeoutMs: timeoutOf(file),
  };
  return `${preludeScript()}
export default {
  async fetch() {
    const context = ${JSON.stringify(context)};
    prelude.prepareScope(context);
    (function () {
${read('resources/testharness.js')}
    }).call(globalThis);
    const result = prelude.watchHarness(context);
    (function () {
${globalAssignments(scripts)}
prelude.answerEval({${evalTable(file.source)}});
${scripts.join('\n;\n')}
    }).call(globalThis);
    done();
    return Response.json(await result);
  },
};
`;
}

/** `eval` of the expressions that the test spells out as strings. */
function evalTable(source: string): string {
  if (!source.includes('idl_test')) return '';
  return findExpressions(source)
    .map((text) => `${JSON.stringify(text)}: () => (${text}\n)`)
    .join(',\n');
}

/** Top-level functions and variables of classic scripts are properties of the global object. */
function globalAssignments(scripts: readonly string[]): string {
  const functions = new Set<string>();
  const variables = new Set<string>();
  const assigned = new Set<string>();
  for (const script of scripts) {
    const names = findGlobalNames(script);
    for (const name of names.functions) functions.add(name);
    for (const name of names.variables) variables.add(name);
    for (const name of names.assigned) assigned.add(name);
  }
  const lines = [...functions].map((name) => `globalThis.${name} = ${name};`);
  // Strict mode, in which modules are, wants them to exist.
  for (const name of assigned) lines.push(`globalThis.${name} ??= undefined;`);
  for (const name of variables) {
    if (functions.has(name)) continue;
    const accessors = `get: () => ${name}, set: (value) => { ${name} = value; }`;
    lines.push(
      `Object.defineProperty(globalThis, '${name}', { ${accessors}, configurable: true, enumerable: true });`,
    );
  }
  return lines.join('\n');
}

let prelude: string | undefined;

/** Our own code around the test, as one `const prelude`. */
function preludeScript(): string {
  prelude ??= buildSync({
    entryPoints: [fileURLToPath(new URL('worker/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'prelude',
    target: 'esnext',
    platform: 'neutral',
  }).outputFiles[0]?.text;
  return prelude ?? '';
}
