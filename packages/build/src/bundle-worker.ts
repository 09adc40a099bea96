import { statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { AppError } from '@openworkers/core';
import { context, type BuildOptions, type BuildResult, type Loader, type Plugin } from 'esbuild';
import { buildFailure, isBuildFailure, isTopLevelAwait } from './build-failure.ts';
import { binaryModules } from './binary-modules.ts';
import { assertCodeSize } from './code-size.ts';
import type { Compatibility } from './compatibility.ts';
import { noFileSystem } from './no-file-system.ts';
import {
  globalsPath,
  isolateModules,
  nodeModules,
  type NodeModules,
} from './node-compat/node-modules.ts';

/** What to build: a file with everything it imports, or one text that imports nothing. */
export type WorkerSource =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'text';
      /** Shown in errors and stack traces; the extension decides the language. */
      readonly name: string;
      readonly text: string;
    };

export type CodeType = 'javascript' | 'typescript';

export interface BundledWorker {
  /** One ES module; imports nothing but modules of the isolate. */
  readonly code: string;
  /** Source map v3 as JSON, with the sources in it, relative to `folder`. */
  readonly sourceMap: string;
  readonly codeType: CodeType;
  /** Folder that paths in the source map start from. */
  readonly folder: string;
  /** What the bundler found odd, one text each. */
  readonly warnings: readonly string[];
}

export interface BundleOptions {
  readonly source: WorkerSource;
  /** Paths in messages are relative to this folder. */
  readonly cwd: string;
  readonly compatibility: Compatibility;
  /** Milliseconds the bundler may take. */
  readonly timeoutMs: number;
}

const languages: Readonly<Record<string, { loader: Loader; codeType: CodeType }>> = {
  '.js': { loader: 'js', codeType: 'javascript' },
  '.mjs': { loader: 'js', codeType: 'javascript' },
  '.jsx': { loader: 'jsx', codeType: 'javascript' },
  '.ts': { loader: 'ts', codeType: 'typescript' },
  '.mts': { loader: 'ts', codeType: 'typescript' },
  '.tsx': { loader: 'tsx', codeType: 'typescript' },
};

const textFiles: Readonly<Record<string, Loader>> = Object.fromEntries(
  ['.txt', '.html', '.sql', '.md', '.css', '.svg', '.xml', '.csv', '.graphql'].map((extension) => [
    extension,
    'text' as const,
  ]),
);

const shared = {
  bundle: true,
  write: false,
  // Never written; it gives the source map its name and its folder.
  outfile: 'worker.js',
  format: 'esm',
  target: 'esnext',
  platform: 'neutral',
  mainFields: ['workerd', 'browser', 'module', 'main'],
  conditions: ['workerd', 'worker', 'browser'],
  external: [...isolateModules],
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: textFiles,
  sourcemap: 'external',
  sourcesContent: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** Awaits become calls of `then`, which the isolate can follow. */
const lowered = {
  supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
} as const satisfies BuildOptions;

/**
 * Turns a worker into one ES module: TypeScript and JSX, npm packages and relative imports, JSON,
 * text and WebAssembly files. The same sources give the same text wherever they are deployed from.
 *
 * @throws AppError `build_failed` with `details.problems` (file, line, column, message),
 * `invalid_input` when there is no such file or it is of another kind
 */
export async function bundleWorker(options: BundleOptions): Promise<BundledWorker> {
  const { source, cwd } = options;
  const name = source.kind === 'file' ? source.path : source.name;
  const language = languages[extname(name).toLowerCase()];
  if (language === undefined) throw unknownFileType(name);
  if (source.kind === 'text') assertCodeSize(Buffer.byteLength(source.text));
  const folder = source.kind === 'file' ? dirname(resolve(cwd, source.path)) : cwd;
  const buildOptions =
    source.kind === 'file'
      ? fileOptions(resolve(cwd, source.path), folder)
      : textOptions(source, language.loader, folder);
  const { result, warnings } = await buildFor(options, buildOptions).catch((error: unknown) => {
    throw isBuildFailure(error) ? buildFailure(error, { folder, cwd }) : error;
  });
  const [map, code] = result.outputFiles;
  if (map === undefined || code === undefined) throw new Error('esbuild made no output');
  return {
    code: code.text,
    sourceMap: map.text,
    codeType: language.codeType,
    folder,
    warnings: [...result.warnings.map((warning) => warning.text), ...warnings],
  };
}

type Options = BuildOptions & typeof shared & { readonly plugins: Plugin[] };

function fileOptions(path: string, folder: string): Options {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new AppError('invalid_input', `there is no file ${path}`);
  }
  return { ...shared, entryPoints: [path], absWorkingDir: folder, plugins: [binaryModules] };
}

function textOptions(
  source: WorkerSource & { kind: 'text' },
  loader: Loader,
  folder: string,
): Options {
  return {
    ...shared,
    stdin: { contents: source.text, sourcefile: source.name, loader },
    absWorkingDir: folder,
    tsconfigRaw: '{}',
    plugins: [noFileSystem],
  };
}

interface Built {
  readonly result: BuildResult<Options>;
  readonly warnings: readonly string[];
}

async function buildFor(bundle: BundleOptions, options: Options): Promise<Built> {
  const { compatibility, timeoutMs } = bundle;
  const node = nodeModules(compatibility);
  const complete = {
    ...options,
    ...(compatibility.hasNodeModules && { inject: [globalsPath] }),
    plugins: [node.plugin, ...options.plugins],
  };
  const result = await build(complete, timeoutMs);
  const warnings = unavailable(node);
  if (node.asyncContext === 'unused') return { result, warnings };
  try {
    return { result: await build({ ...complete, ...lowered }, timeoutMs), warnings };
  } catch (error) {
    // A package that could do with it does without; somebody who asked is told.
    if (!isTopLevelAwait(error) || node.asyncContext === 'imported') throw error;
    const without = { ...bundle, compatibility: { ...compatibility, hasAsyncStorage: false } };
    return buildFor(without, options);
  }
}

function unavailable({ unavailable: names }: NodeModules): string[] {
  if (names.size === 0) return [];
  const list = [...names].sort().map((name) => `"node:${name}"`);
  return [`nothing of ${list.join(', ')} works in workers: what it exports throws when it is used`];
}

async function build(options: Options, timeoutMs: number): Promise<BuildResult<Options>> {
  const builder = await context(options);
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    void builder.cancel();
  }, timeoutMs);
  try {
    return await builder.rebuild();
  } catch (error) {
    if (!hasTimedOut) throw error;
    const message = `bundling took longer than ${timeoutMs / 1000} s`;
    throw new AppError('build_failed', message, { details: { problems: [{ message }] } });
  } finally {
    clearTimeout(timer);
    await builder.dispose();
  }
}

function unknownFileType(name: string): AppError {
  return new AppError(
    'invalid_input',
    `${name} is not a worker: use a .js or .ts file (also .mjs, .mts, .jsx, .tsx)`,
  );
}
