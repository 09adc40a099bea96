import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, Secret } from '@openworkers/core';
import { makeDataDir } from '../make-data-dir.ts';

const fileName = 'master-keys';
const keyBytes = 32;
const maxKeys = 16;

export interface MasterKeyOptions {
  readonly dataDir: string;
  /** `OW_MASTER_KEY`: keys in base64, separated by commas; used instead of the file. */
  readonly given?: Secret | undefined;
}

/**
 * The master keys, the one that seals first.
 *
 * @throws AppError `invalid_config`, naming the setting or the file, when there is none or one is not usable
 */
export async function loadMasterKeys({ dataDir, given }: MasterKeyOptions): Promise<Secret[]> {
  if (given !== undefined) return parse(given.reveal().split(','), 'OW_MASTER_KEY');
  const path = join(dataDir, fileName);
  const lines = await readLines(path);
  if (lines === undefined) {
    throw new AppError('invalid_config', `OW_MASTER_KEY: not set, and there is no file ${path}`);
  }
  return parse(lines, path);
}

/** Makes a first master key when none is given and the data folder has none. */
export async function ensureMasterKeys(options: MasterKeyOptions): Promise<Secret[]> {
  const { dataDir, given } = options;
  if (given === undefined && (await readLines(join(dataDir, fileName))) === undefined) {
    await writeMasterKeys(dataDir, [createMasterKey()]);
  }
  return loadMasterKeys(options);
}

export function createMasterKey(): Secret {
  return new Secret(randomBytes(keyBytes).toString('base64'));
}

/** Replaces the data folder's master keys as one piece, readable by its owner only. */
export async function writeMasterKeys(dataDir: string, keys: readonly Secret[]): Promise<void> {
  await makeDataDir(dataDir);
  const temporary = join(dataDir, `${fileName}.${process.pid}`);
  const text = keys.map((key) => `${key.reveal()}\n`).join('');
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, join(dataDir, fileName));
}

async function readLines(path: string): Promise<string[] | undefined> {
  try {
    return (await readFile(path, 'utf8')).split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(texts: readonly string[], where: string): Secret[] {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== '');
  const isUsable = (key: string): boolean =>
    /^[A-Za-z0-9+/]+=*$/.test(key) && Buffer.from(key, 'base64').length === keyBytes;
  if (keys.length === 0 || keys.length > maxKeys || !keys.every(isUsable)) {
    const text = `${where}: not 1 to ${maxKeys} keys of ${keyBytes} bytes in base64 (openssl rand -base64 ${keyBytes})`;
    throw new AppError('invalid_config', text);
  }
  return keys.map((key) => new Secret(key));
}
