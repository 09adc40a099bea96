import { missing } from '../missing.ts';

export const builtinModules: string[] = [];

export function isBuiltin(): boolean {
  return false;
}

/** Packages make one at their top and mostly never call it. */
export function createRequire(): unknown {
  return Object.assign(
    (path: string) => (missing(`require(${JSON.stringify(path)})`) as () => never)(),
    {
      resolve: missing('require.resolve'),
    },
  );
}
