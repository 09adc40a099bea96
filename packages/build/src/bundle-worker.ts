import { statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { AppError } from '@openworkers/core';
import { context, type BuildOptions, type BuildResult, type Loader } from 'esbuild';
import { buildFailure, isBuildFailure } from './build-failure.ts';
import { binaryModules } from './binary-modules.ts';
import { assertCodeSize } from './code-size.ts';
import { noFileSystem } from './no-file-system.ts';

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
  /** One ES module; imports nothing but `cloudflare:workers`. */
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
  external: ['cloudflare:workers'],
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: textFiles,
  sourcemap: 'external',
  sourcesContent: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
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
  const result = await build(
    source.kind === 'file'
      ? fileOptions(resolve(cwd, source.path), folder)
      : textOptions(source, language.loader, folder),
    options.timeoutMs,
  ).catch((error: unknown) => {
    throw isBuildFailure(error) ? buildFailure(error, { folder, cwd }) : error;
  });
  const [map, code] = result.outputFiles;
  if (map === undefined || code === undefined) throw new Error('esbuild made no output');
  return {
    code: code.text,
    sourceMap: map.text,
    codeType: language.codeType,
    folder,
    warnings: result.warnings.map((warning) => warning.text),
  };
}

type Options = BuildOptions & typeof shared;

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
