/**
 * How `isolate.ts` is bundled: with these esbuild options the script's completion value is the
 * `BootIsolate` function and no name is left in the global scope (a plain `globalName` would
 * leave an undeletable `var`).
 *
 * @example
 * build({ entryPoints: [fileURLToPath(import.meta.resolve('@openworkers/runtime/isolate'))],
 *   bundle: true, write: false, target: 'esnext', minify: true, ...runtimeBundleFormat })
 */
export const runtimeBundleFormat = {
  format: 'iife',
  globalName: 'runtime',
  banner: { js: '(() => { "use strict";' },
  footer: { js: 'return runtime.boot; })()' },
} as const;
