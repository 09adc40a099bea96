import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';
import { explainNodeModule } from './build-failure.ts';

/** For sources that come from somebody else: nothing of this machine's files gets into the code. */
export const noFileSystem: Plugin = {
  name: 'no-file-system',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      // What is only tried at run time may fail there, and mostly is meant to.
      const isTried = kind === 'require-call' || kind === 'dynamic-import';
      if (isTried || path === 'cloudflare:workers') return { path, external: true };
      if (isBuiltin(path)) return { errors: [{ text: explainNodeModule(path) }] };
      const text = `cannot import "${path}" here: code that is sent as text must be one file. \`ow workers deploy\` bundles imports.`;
      return { errors: [{ text }] };
    });
    build.onLoad({ filter: /.*/ }, ({ path }) => ({ errors: [{ text: `cannot read ${path}` }] }));
  },
};
