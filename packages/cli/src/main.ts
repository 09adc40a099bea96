import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { processTerminal } from './process-terminal.ts';
import { runCli } from './run-cli.ts';

// A reader that stops early (`ow workers list | head`) or a terminal that is closed is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

const world = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  terminal: processTerminal(),
};
process.exitCode = await runCli(process.argv.slice(2), world, readVersion());
// The launcher's channel, if there is one, must not keep a finished command alive.
if (process.connected) process.disconnect?.();

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
