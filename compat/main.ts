import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { namesOnlyInWorkerd, problemsOfGlobals } from './global-names.ts';
import { observeAll } from './observe.ts';
import { compatibilityPage, problemsOf } from './report.ts';

/**
 * `npm run compat [-- --write]`: runs the same behaviour scripts here and in workerd, fails on a
 * difference that `known-differences.ts` does not explain, and writes `docs/compatibility.md`.
 */
const observations = await observeAll();
const missing = await namesOnlyInWorkerd();
const problems = [...problemsOf(observations), ...problemsOfGlobals(missing)];
for (const problem of problems) process.stdout.write(`${problem}\n`);
const differing = observations.filter(({ ours, workerd }) => ours !== workerd).length;
process.stdout.write(
  `${observations.length} cases, ${differing} differ, ${problems.length} problems\n`,
);
if (process.argv.includes('--write')) {
  const page = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url));
  writeFileSync(page, compatibilityPage(observations, missing));
}
process.exitCode = problems.length === 0 ? 0 : 1;
