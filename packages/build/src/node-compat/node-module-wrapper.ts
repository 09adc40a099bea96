import { readFile } from 'node:fs/promises';
import { implementationFile, isNodeModule, nodeExportNames } from '@openworkers/node-compat';
import { build } from 'esbuild';

const constantName = /^(?:[A-Z][A-Z\d_]*|constants|codes)$/;

/**
 * The source of a module of Node.js as a worker gets it: what is implemented, and stand-ins that
 * throw for the rest, so that packages load which never use it.
 */
export async function wrapNodeModule(name: string): Promise<string> {
  const file = implementationFile(name);
  const implemented = file === undefined ? [] : await exportNames(file);
  const missing = nodeExportNames(name).filter((key) => !implemented.includes(key));
  const lines = [`import { completed, missing } from './missing.ts';`];
  if (file !== undefined) {
    // Relative to the folder of those files: the text is part of the source map.
    lines.push(`import * as implemented from './modules/${name}.ts';`);
    lines.push(`export * from './modules/${name}.ts';`);
  }
  lines.push(...missing.map((key) => standIn(name, key)));
  const rest = `{ ${missing.join(', ')} }`;
  if (implemented.includes('default')) {
    lines.push(`export default /* @__PURE__ */ completed(implemented.default, ${rest});`);
  } else {
    const members = implemented.map((key) => `${key}: implemented.${key}`);
    lines.push(`export default { ${[...members, ...missing].join(', ')} };`);
  }
  return lines.join('\n');
}

/** The same for `require`, which gives what `export default` is. */
export function wrapForRequire(name: string): string {
  return `module.exports = require(${JSON.stringify(`node:${name}`)}).default;`;
}

function standIn(name: string, key: string): string {
  if (key === 'promises' && isNodeModule(`${name}/promises`)) {
    return `export { default as promises } from "node:${name}/promises";\nimport promises from "node:${name}/promises";`;
  }
  const value = constantName.test(key)
    ? '{}'
    : `/* @__PURE__ */ missing(${JSON.stringify(`${name}.${key}`)})`;
  return `export const ${key} = ${value};`;
}

async function exportNames(file: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: await readFile(file, 'utf8'), loader: 'ts' },
    write: false,
    metafile: true,
    format: 'esm',
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
