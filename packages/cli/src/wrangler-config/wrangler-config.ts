import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { AppError } from '@openworkers/core';
import { parse as parseJson, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';

/** What a deploy takes from a wrangler configuration; the rest is not for this platform. */
export interface WranglerConfig {
  /** Relative to the working folder. */
  readonly path: string;
  readonly compatibilityFlags: readonly string[];
}

const names = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

/**
 * The wrangler configuration of the worker: in the folder of its entry point, or in one above it as
 * far as the working folder. Undefined when there is none.
 *
 * @throws AppError `invalid_input` when it cannot be read
 */
export function findWranglerConfig(entry: string, cwd: string): WranglerConfig | undefined {
  for (const folder of foldersAbove(resolve(cwd, entry), cwd)) {
    for (const name of names) {
      const text = readIfThere(join(folder, name));
      if (text === undefined) continue;
      const path = relative(cwd, join(folder, name));
      return { path, compatibilityFlags: readFlags(path, text) };
    }
  }
  return undefined;
}

function foldersAbove(entry: string, cwd: string): string[] {
  const folders = [dirname(entry)];
  const top = resolve(cwd);
  for (let folder = dirname(entry); folder.startsWith(top + sep);) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readFlags(path: string, text: string): string[] {
  const config = path.endsWith('.toml') ? readToml(path, text) : readJson(path, text);
  const flags: unknown =
    typeof config === 'object' && config !== null
      ? Reflect.get(config, 'compatibility_flags')
      : undefined;
  if (flags === undefined) return [];
  if (Array.isArray(flags) && flags.every((flag) => typeof flag === 'string')) return flags;
  throw new AppError('invalid_input', `${path}: "compatibility_flags" is not a list of texts`);
}

function readToml(path: string, text: string): unknown {
  try {
    return parseToml(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid_input', `${path}: ${message}`, { cause: error });
  }
}

function readJson(path: string, text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parseJson(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return value;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new AppError('invalid_input', `${path}:${line}: ${printParseErrorCode(first.error)}`);
}
