import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the data folder for its owner only; folders above it get the usual mode. */
export async function makeDataDir(dataDir: string): Promise<void> {
  await mkdir(dirname(dataDir), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}
