import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { observeAll } from './observe.ts';
import { compatibilityPage, problemsOf } from './report.ts';

/**
 * `npm run compat [-- --write]`: runs the same behaviour scripts here and in workerd, fails on a
 * difference that `known-differences.ts` does not explain, and writes `docs/compatibility.md`.
 */
const observations = await observeAll();
const problems = problemsOf(observations);
for (const problem of problems) process.stdout.write(`${problem}\n`);
const differing = observations.filter(({ ours, workerd }) => ours !== workerd).length;
process.stdout.write(
  `${observations.length} cases, ${differing} differ, ${problems.length} problems\n`,
);
if (process.argv.includes('--write')) {
  const page = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url));
  writeFileSync(page, compatibilityPage(observations));
}
process.exitCode = problems.length === 0 ? 0 : 1;
