import { AppError, messageOf } from '@openworkers/core';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

const unusableCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC']);

/**
 * Makes the data folder, for its owner only, unless it is there; folders above it get the usual
 * mode. Returns its path without symbolic links.
 *
 * @throws AppError `invalid_config` naming `OW_DATA_DIR`
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(dirname(dataDir), { recursive: true });
    await mkdir(dataDir, { mode: 0o700 }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    return await realpath(dataDir);
  } catch (error) {
    throw mapDataDirError(dataDir, error);
  }
}

/** Turns a refusal by the file system into AppError `invalid_config`; other errors pass. */
export function mapDataDirError(dataDir: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !unusableCodes.has(code)) return error;
  const message = `OW_DATA_DIR: ${dataDir} cannot be used: ${messageOf(error)}`;
  return new AppError('invalid_config', message, { cause: error });
}
