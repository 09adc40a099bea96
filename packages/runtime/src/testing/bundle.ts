import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { runtimeBundleFormat } from '../bundle-format.ts';

/** The runtime as one script, as the sandbox gets it. */
export function bundleForTest(): string {
  const { outputFiles } = buildSync({
    ...runtimeBundleFormat,
    entryPoints: [fileURLToPath(new URL('../isolate.ts', import.meta.url))],
    bundle: true,
    write: false,
    target: 'esnext',
    platform: 'neutral',
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
  });
  return outputFiles[0]?.text ?? '';
}
