import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { processTerminal } from './process-terminal.ts';
import { runCli } from './run-cli.ts';

// A reader that stops early (`ow workers list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const world = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  terminal: processTerminal(),
};
process.exitCode = await runCli(process.argv.slice(2), world, readVersion());
// The launcher's channel, if there is one, must not keep a finished command alive.
process.disconnect?.();

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
