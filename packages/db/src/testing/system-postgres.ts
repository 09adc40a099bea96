import { access, glob } from 'node:fs/promises';
import { join } from 'node:path';

/** Program folders of installed PostgreSQL servers, oldest major first. */
export async function findSystemBinaries(): Promise<string[]> {
  const found: string[] = [];
  for await (const directory of glob('/usr/lib/postgresql/*/bin')) {
    const isServer = await access(join(directory, 'initdb')).then(
      () => true,
      () => false, // client programs only
    );
    if (isServer) found.push(directory);
  }
  return found.sort((a, b) => majorOf(a) - majorOf(b));
}

/** Major version in a path like `/usr/lib/postgresql/15/bin`. */
export function majorOf(binDirectory: string): number {
  return Number(/postgresql\/(\d+)\//.exec(binDirectory)?.[1]);
}
