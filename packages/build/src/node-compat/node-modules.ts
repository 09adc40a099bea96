import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve, sep } from 'node:path';
import {
  comparisonUtilFile,
  globalsFile,
  implementationFile,
  isNodeModule,
  sourceFolder,
} from '@openworkers/node-compat';
import { contextModuleName } from '@openworkers/runtime';
import type { Loader, OnResolveResult, Plugin } from 'esbuild';
import type { Compatibility } from '../compatibility.ts';
import { wrapForRequire, wrapNodeModule } from './node-module-wrapper.ts';

/** Stands for the file that makes Node.js's globals. */
export const globalsPath = 'node:globals';

/** Modules of the isolate itself. */
export const isolateModules = ['cloudflare:workers', contextModuleName];

export interface NodeModules {
  readonly plugin: Plugin;
  /** Whether the worker follows values over its awaits, which must be lowered then. */
  asyncContext: 'unused' | 'tried' | 'imported';
  /** Imported modules of which nothing works. */
  readonly unavailable: Set<string>;
}

/** Import paths of the files below; a worker's own files are in other namespaces. */
const namespaces = { wrapper: 'node', file: 'node-compat' } as const;
const ownFolder = resolve(sourceFolder);
const comparisonFile = join('util', 'comparisons.js');

/**
 * Resolves modules of Node.js: all of them with `nodejs_compat`, and `node:async_hooks` for who
 * imports it plainly. What is only tried (`import()`, `require`) needs a flag, too: packages do
 * well without.
 */
export function nodeModules(compatibility: Compatibility): NodeModules {
  const files = new CompatFiles();
  const found: NodeModules = {
    plugin: {
      name: 'node-modules',
      setup(build) {
        build.onResolve(
          { filter: /^(?:node:)?[a-z\d_]+(?:\/[a-z_]+)?$/ },
          ({ path, kind, namespace }) => {
            if (namespace === namespaces.wrapper || namespace === namespaces.file) return undefined;
            if (path === globalsPath && compatibility.hasNodeModules)
              return files.resolved(globalsFile);
            const name = moduleName(path);
            if (name === undefined) return undefined;
            const isImported = kind === 'import-statement';
            const isStorage =
              name === 'async_hooks' && (isImported || compatibility.hasAsyncStorage);
            if (!isStorage && !compatibility.hasNodeModules) return undefined;
            if (isStorage && isImported) found.asyncContext = 'imported';
            else if (isStorage && found.asyncContext === 'unused') found.asyncContext = 'tried';
            return wrapper(name, kind);
          },
        );
        build.onResolve({ filter: /.*/, namespace: namespaces.wrapper }, ({ path }) => {
          const name = moduleName(path);
          // Also what is behind a `require` is the module's own form.
          return name === undefined
            ? files.resolved(resolve(ownFolder, path))
            : wrapper(name, 'import-statement');
        });
        build.onResolve({ filter: /.*/, namespace: namespaces.file }, ({ path, importer, kind }) =>
          isolateModules.includes(path)
            ? { path, external: true }
            : files.resolve(path, { importer, kind }),
        );
        build.onLoad({ filter: /.*/, namespace: namespaces.wrapper }, async ({ path }) => {
          const [name = '', isRequired] = path.split('?');
          if (isRequired !== undefined) return { contents: wrapForRequire(name) };
          if (implementationFile(name) === undefined) found.unavailable.add(name);
          return { contents: await wrapNodeModule(name) };
        });
        build.onLoad({ filter: /.*/, namespace: namespaces.file }, ({ path }) => files.load(path));
      },
    },
    asyncContext: 'unused',
    unavailable: new Set(),
  };
  return found;
}

/** Name of a module of Node.js; `sys` is another name of `util`. */
function moduleName(path: string): string | undefined {
  const name = path.startsWith('node:') ? path.slice(5) : path;
  if (!isNodeModule(name)) return undefined;
  return name === 'sys' ? 'util' : name;
}

function wrapper(name: string, kind: string): OnResolveResult {
  const path = kind === 'require-call' ? `${name}?require` : name;
  return { path, namespace: namespaces.wrapper, sideEffects: false };
}

/** Our files and those of the libraries they use, under paths that are the same on every machine. */
class CompatFiles {
  readonly #files = new Map<string, string>();

  resolved(file: string): OnResolveResult {
    const path = shorten(file);
    this.#files.set(path, file);
    return { path, namespace: namespaces.file, sideEffects: file === globalsFile };
  }

  resolve(path: string, from: { importer: string; kind: string }): OnResolveResult {
    const importer = this.#fileOf(from.importer);
    const isOwn = importer.startsWith(ownFolder + sep);
    if (!isOwn) {
      // Libraries name modules of Node.js, or libraries that stand for them: they get ours.
      if (path === 'abort-controller') return { path, external: true };
      if (importer.endsWith(comparisonFile)) return this.resolved(comparisonUtilFile);
      const name = moduleName(path === 'safe-buffer' ? 'buffer' : path.replace(/\/$/, ''));
      if (name !== undefined) return wrapper(name, from.kind);
    } else if (path.startsWith('.')) {
      return this.resolved(resolve(dirname(importer), path));
    } else if (path.startsWith('node:')) {
      return wrapper(path.slice(5), from.kind);
    }
    return this.resolved(createRequire(importer).resolve(path));
  }

  async load(path: string): Promise<{ contents: string; loader: Loader }> {
    const text = await readFile(this.#fileOf(path), 'utf8');
    // A library looks at what such functions inherit, which lowered ones do not.
    const contents = text.replace(
      /async function ?\* ?\(\) ?\{\s*\}/g,
      'Object.create({ prototype: {} })',
    );
    return { contents, loader: extname(path) === '.ts' ? 'ts' : 'js' };
  }

  #fileOf(path: string): string {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`no file ${path} for modules of Node.js`);
    return file;
  }
}

function shorten(file: string): string {
  if (file.startsWith(ownFolder + sep)) return file.slice(ownFolder.length + 1);
  const folder = `${sep}node_modules${sep}`;
  return file.slice(file.lastIndexOf(folder) + folder.length);
}
