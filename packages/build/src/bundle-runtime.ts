import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runtimeBundleFormat } from '@openworkers/runtime';

const timeoutMs = 30_000;
const maxBytes = 16 * 1024 * 1024;

/**
 * Bundles the code that lives inside an isolate into one script, whose completion value is the
 * `BootIsolate` function. Names are shortened; those that worker code can read are set at boot.
 * Takes about 50 ms; call it once per process and hand the text on.
 *
 * @throws Error with esbuild's messages when the runtime does not compile (our bug)
 */
export async function bundleRuntime(): Promise<string> {
  const { format, globalName, banner, footer } = runtimeBundleFormat;
  // esbuild's JavaScript API would leave a process behind in the one that asks, for ever.
  const { stdout } = await promisify(execFile)(
    esbuildBinary(),
    [
      fileURLToPath(import.meta.resolve('@openworkers/runtime/isolate')),
      '--bundle',
      `--format=${format}`,
      `--global-name=${globalName}`,
      `--banner:js=${banner.js}`,
      `--footer:js=${footer.js}`,
      '--target=esnext',
      '--platform=neutral',
      // Every isolate holds the source: short, and with one byte per character.
      '--minify',
      '--charset=ascii',
      '--legal-comments=none',
      '--log-level=warning',
    ],
    { env: {}, timeout: timeoutMs, maxBuffer: maxBytes },
  );
  return stdout;
}

/** The program inside the npm package for this machine. */
function esbuildBinary(): string {
  const fromEsbuild = createRequire(import.meta.resolve('esbuild'));
  return fromEsbuild.resolve(`@esbuild/${platform}-${arch}/bin/esbuild`);
}
