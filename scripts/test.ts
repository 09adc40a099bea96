import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const args = process.argv.slice(2);
// Soaks take minutes and are asked for: npm run test:soak.
const projects = args.includes('--project') ? [] : ['--project', 'unit', '--project', 'e2e'];
const result = spawnSync(
  process.execPath,
  ['--no-node-snapshot', vitest, 'run', ...projects, ...args],
  { stdio: 'inherit' },
);
process.exitCode = result.status ?? 1;
