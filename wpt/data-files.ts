import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePath } from './test-file.ts';

const quoted = /["'`]([^"'`\n]+)["'`]/g;
const idlCall = /idl_test\(\s*(\[[^\]]*\])\s*,\s*(\[[^\]]*\])/g;

/** Data tables (JSON) and interface definitions (IDL) that the scripts name, by absolute path. */
export function findDataFiles(
  checkout: string,
  testPath: string,
  scripts: readonly string[],
): Record<string, string> {
  const data: Record<string, string> = {};
  const add = (path: string): void => {
    const file = join(checkout, path);
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) {
      data[`/${path}`] = readFileSync(file, 'utf8');
    }
  };
  for (const script of scripts) {
    for (const [, text = ''] of script.matchAll(quoted)) {
      if (text.endsWith('.json')) add(resolvePath(testPath, text));
    }
    for (const [, sources = '', dependencies = ''] of script.matchAll(idlCall)) {
      for (const [, name = ''] of `${sources}${dependencies}`.matchAll(quoted)) {
        add(`interfaces/${name}.idl`);
      }
    }
  }
  return data;
}
