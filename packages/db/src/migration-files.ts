import { AppError } from '@openworkers/core';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MigrationFile {
  version: number;
  /** File name, e.g. `0001_tenants.sql`. */
  name: string;
  sql: string;
  /** Hex. */
  sha256: string;
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/** This package's own migrations. */
export const migrationsDirectory = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Reads the numbered files in order.
 *
 * @throws AppError `migration_mismatch` when a number is missing or used twice
 */
export async function readMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => fileName.test(name)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(fileName.exec(name)?.[1]);
      if (version !== index + 1) {
        throw new AppError(
          'migration_mismatch',
          `expected migration number ${index + 1} in ${directory}, found ${name}`,
        );
      }
      const sql = await readFile(join(directory, name), 'utf8');
      return { version, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
