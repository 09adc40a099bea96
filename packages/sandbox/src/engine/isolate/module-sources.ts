/** What `cloudflare:workers` exports; the runtime provides an object with these names. */
const workersExports = ['WorkerEntrypoint', 'env', 'waitUntil'];

export const builtinModules = ['cloudflare:workers'] as const;

/** A module that re-exports what the runtime shows under a global name for a moment. */
export function builtinSource(globalName: string): string {
  const exports = workersExports.map((name) => `export const ${name} = shown.${name};`);
  return `const shown = globalThis[${JSON.stringify(globalName)}];\n${exports.join('\n')}`;
}

/** Takes the function that tells the sandbox off the global object before anybody else can see it. */
export function readySource(globalName: string): string {
  const global = `globalThis[${JSON.stringify(globalName)}]`;
  return `export const ready = ${global};\ndelete ${global};`;
}

/** Its own body runs only after the worker's module and all its top-level awaits. */
export const startSource = `import 'worker';\nimport { ready } from 'ready';\nready();`;
