import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Imports of binary files: a `.wasm` file is a compiled `WebAssembly.Module`, a `.bin` file an
 * `ArrayBuffer`, as in Cloudflare Workers. The bytes travel inside the code, so that a version is
 * one text.
 */
export const binaryModules: Plugin = {
  name: 'binary-modules',
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      contents: `export default new WebAssembly.Module(${await embeddedBytes(path)});`,
    }));
    build.onLoad({ filter: /\.bin$/ }, async ({ path }) => ({
      contents: `export default ${await embeddedBytes(path)}.buffer;`,
    }));
  },
};

async function embeddedBytes(path: string): Promise<string> {
  return `Uint8Array.fromBase64("${(await readFile(path)).toString('base64')}")`;
}
