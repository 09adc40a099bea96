import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';
import { AppError } from '@openworkers/core';
import { implementationFile } from '@openworkers/node-compat';
import type { BuildFailure, Message } from 'esbuild';
import { codeFrame, formatPosition, type SourcePosition } from './code-frame.ts';

const shownProblems = 10;

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

/**
 * What esbuild refused, told to the author of the worker: the message shows the places, `details`
 * lists them for programs.
 */
export function buildFailure(
  failure: BuildFailure,
  folders: { folder: string; cwd: string },
): AppError {
  const found = failure.errors.slice(0, shownProblems).map((error) => ({
    message: explain(error),
    position: positionOf(error, folders),
  }));
  const hidden = failure.errors.length - found.length;
  const texts = found.map(({ message, position }) =>
    position === undefined
      ? message
      : `${formatPosition(position)}: ${message}\n${codeFrame(position)}`,
  );
  if (hidden > 0) texts.push(`and ${hidden} more`);
  const problems = found.map(({ message, position }) => ({
    ...(position && { file: position.file, line: position.line, column: position.column }),
    message,
  }));
  return new AppError('build_failed', texts.join('\n'), { cause: failure, details: { problems } });
}

const topLevelAwait = /^Top-level await is not available/;

/** The bundler lowers awaits in functions only. */
export function isTopLevelAwait(error: unknown): boolean {
  return isBuildFailure(error) && error.errors.some(({ text }) => topLevelAwait.test(text));
}

const unresolved = /^Could not resolve "(?<path>[^"]+)"/;

/** esbuild's advice is for people who call esbuild; ours says what to do here. */
function explain({ text, notes }: Message): string {
  if (topLevelAwait.test(text)) {
    return 'top-level await cannot be used together with AsyncLocalStorage (node:async_hooks): move it into a function';
  }
  const path = unresolved.exec(text)?.groups?.['path'];
  if (path === undefined) return text;
  if (path.startsWith('cloudflare:')) {
    return `"${path}" is not supported: workers here can import "cloudflare:workers"`;
  }
  if (isBuiltin(path)) return explainNodeModule(path);
  if (path.startsWith('.') || path.startsWith('/')) return `there is no file "${path}"`;
  const [note] = notes;
  if (note !== undefined && /exported|condition/i.test(note.text)) {
    return `cannot use the package of "${path}": ${note.text}`;
  }
  return `cannot find the package of "${path}": install it with \`npm install ${packageName(path)}\``;
}

/** Why a module of Node.js cannot be imported, and what to do. */
export function explainNodeModule(path: string): string {
  if (implementationFile(path.replace(/^node:/, '')) === undefined) {
    return `the Node.js module "${path}" is not available in workers: use a Web API, or a package that needs no Node.js. If nothing of it is used, --nodejs-compat lets it load`;
  }
  return `the Node.js module "${path}" needs the compatibility flag nodejs_compat: deploy with --nodejs-compat, or put compatibility_flags = ["nodejs_compat"] into a wrangler.toml beside the worker`;
}

function packageName(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}

function positionOf(
  { location }: Message,
  { folder, cwd }: { folder: string; cwd: string },
): SourcePosition | undefined {
  if (location === null) return undefined;
  // esbuild counts bytes from 0.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return {
    file: relative(cwd, resolve(folder, location.file)),
    line: location.line,
    column: before.length + 1,
    lineText: location.lineText,
  };
}
