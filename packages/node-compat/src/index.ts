import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import nodeExports from './node-exports.json' with { type: 'json' };

/*
 * Modules of Node.js for workers that ask for them (`nodejs_compat`). They are bundled with the
 * worker and run as its own code: nothing here is trusted, and nothing is part of the runtime.
 */

const exportsOf: Readonly<Record<string, string>> = nodeExports;

/** Evaluated before everything else of such a worker: `process`, `Buffer`, Node.js's timers. */
export const globalsFile = fileURLToPath(new URL('globals.ts', import.meta.url));
/** Where the files are that are bundled with such a worker. */
export const sourceFolder = fileURLToPath(new URL('.', import.meta.url));
/** Has what `node:util` gives to the library that compares deeply. */
export const comparisonUtilFile = fileURLToPath(new URL('comparison-util.ts', import.meta.url));

/** Whether Node.js has a module of that name (without `node:`). */
export function isNodeModule(name: string): boolean {
  return Object.hasOwn(exportsOf, name);
}

/** The file that stands for it, undefined when nothing of it is available. */
export function implementationFile(name: string): string | undefined {
  const file = fileURLToPath(new URL(`modules/${name}.ts`, import.meta.url));
  return isNodeModule(name) && existsSync(file) ? file : undefined;
}

/** Names that can be imported from it in Node.js. */
export function nodeExportNames(name: string): string[] {
  const names = exportsOf[name] ?? '';
  return names === '' ? [] : names.split(' ');
}
