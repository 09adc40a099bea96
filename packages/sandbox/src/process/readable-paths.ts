import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Everything the sandbox process may read: the code it runs, and no file more. Workspace packages
 * are reached over their link in `node_modules`, so both ends are listed.
 */
export function sandboxReadablePaths(): string[] {
  const sourceFolder = dirname(dirname(fileURLToPath(import.meta.url)));
  return [
    sourceFolder,
    join(dirname(sourceFolder), 'package.json'),
    ...workspacePackage(sourceFolder, '@openworkers/core', '@openworkers/core/limits'),
    ...workspacePackage(sourceFolder, '@openworkers/runtime', '@openworkers/runtime'),
    ...isolatedVm(),
    // Loaded when the first worker decodes a legacy encoding.
    linkOf(sourceFolder, '@exodus/bytes'),
    // The whole package: a few dozen small files.
    linkOf(sourceFolder, 'ws'),
    // Read by node-gyp-build to tell glibc from musl.
    '/etc/alpine-release',
  ];
}

/** The file to start. */
export function sandboxMainPath(): string {
  return join(dirname(dirname(fileURLToPath(import.meta.url))), 'main.ts');
}

function workspacePackage(from: string, name: string, anyModule: string): string[] {
  const sources = dirname(fileURLToPath(import.meta.resolve(anyModule)));
  return [linkOf(from, name), sources, join(dirname(sources), 'package.json')];
}

/** The nearest `node_modules/<name>`, looking upwards as Node does. */
function linkOf(from: string, name: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

function isolatedVm(): string[] {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('isolated-vm');
  const folder = dirname(entry);
  const loader = dirname(createRequire(entry).resolve('node-gyp-build/package.json'));
  return [entry, join(folder, 'package.json'), join(folder, 'prebuilds'), loader];
}
