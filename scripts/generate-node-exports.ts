import { writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Writes down what Node.js's modules export, so that a worker's missing ones can be named. */

const file = new URL('../packages/node-compat/src/node-exports.json', import.meta.url);
const require = createRequire(import.meta.url);
const identifier = /^[A-Za-z$][\w$]*$/;
const reserved = ['default', 'import', 'super', 'class', 'delete', 'new'];
/** What programs look at to see whether it is there. */
const tested =
  /^process\.(?:domain|report|finalization|permission|channel|connected|noDeprecation)$/;

const exports = builtinModules
  .map((name) => name.replace('node:', ''))
  .filter((name) => !/^_|^(?:test|sea|ffi|sqlite|quic)(?:\/|$)/.test(name))
  .toSorted()
  .map((name): [string, string] => {
    const names = Object.keys(require(`node:${name}`) as object);
    const wanted = names.filter(
      (key) => identifier.test(key) && !reserved.includes(key) && !tested.test(`${name}.${key}`),
    );
    return [name, wanted.toSorted().join(' ')];
  });
writeFileSync(file, `${JSON.stringify(Object.fromEntries(exports), null, 2)}\n`);
process.stdout.write(`${fileURLToPath(file)}\n`);
