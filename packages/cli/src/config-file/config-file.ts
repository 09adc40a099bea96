import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '@openworkers/core';
import { CliError } from '../cli-error.ts';
import { parseConfig, type UserConfig } from './parse-config.ts';

/** Path of the user's config file: `OW_CONFIG`, else `~/.openworkers/config.json`. */
export function configPath(env: Record<string, string | undefined>, home: string): string {
  const path = env['OW_CONFIG'];
  return path === undefined || path === '' ? join(home, '.openworkers', 'config.json') : path;
}

/**
 * Reads the user's config file; an absent one is an empty one.
 *
 * @throws CliError when it cannot be read or is not in the format
 */
export async function readConfigFile(path: string): Promise<UserConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return { version: 1, aliases: {} };
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, { code: 'invalid_config' });
  }
  try {
    return parseConfig(text);
  } catch (error) {
    throw new CliError(`${path} is not a config file of ow: ${messageOf(error)}`, {
      code: 'invalid_config',
      next: `correct the file, or move it away: mv ${path} ${path}.old`,
    });
  }
}

/**
 * Replaces the config file at once: a reader sees the old one or the new one, never half of it.
 * It holds passwords and tokens, so only its owner may read it (0600, a new folder 0700).
 */
export async function writeConfigFile(path: string, config: UserConfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // A link to a file elsewhere (dotfiles in a repository) stays a link.
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(config, null, 2)}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, target);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
