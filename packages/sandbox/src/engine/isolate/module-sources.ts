import { contextModuleName } from '@openworkers/runtime';

/** The module that every worker may import. */
export const workersModule = 'cloudflare:workers';

/** What the modules of the isolate export; the runtime provides objects with these names. */
const moduleExports: Readonly<Record<string, readonly string[]>> = {
  [workersModule]: ['WorkerEntrypoint', 'env', 'waitUntil'],
  [contextModuleName]: ['swapContext'],
};

/** Modules that are made for the workers that import them. */
export const rareModules: readonly string[] = [contextModuleName];

/** A module that re-exports what the runtime shows under a global name for a moment. */
export function builtinSource(specifier: string, globalName: string): string {
  const names = moduleExports[specifier] ?? [];
  const exports = names.map((name) => `export const ${name} = shown.${name};`);
  return `const shown = globalThis[${JSON.stringify(globalName)}];\n${exports.join('\n')}`;
}

/** Takes the function that tells the sandbox off the global object before anybody else can see it. */
export function readySource(globalName: string): string {
  const global = `globalThis[${JSON.stringify(globalName)}]`;
  return `export const ready = ${global};\ndelete ${global};`;
}

/** Its own body runs only after the worker's module and all its top-level awaits. */
export const startSource = `import 'worker';\nimport { ready } from 'ready';\nready();`;

/**
 * Stands between the runtime and the sandbox, in the isolate, even when the runtime is broken: only
 * flat values of a sane size get out, since a tree of objects would be rebuilt on the sandbox's
 * thread. Being JavaScript it also gives V8 its chance to stop a flood: a call of a native function
 * does not.
 */
export const connectSource = `(boot, sendRaw, askRaw) => {
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const byteLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
  const most = ${64 * 1024 * 1024};
  const flat = (value) => {
    switch (typeof value) {
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'string':
        return value.length <= most ? value : undefined;
      case 'object':
        if (value === null) return null;
        try {
          return apply(byteLength, value, []) <= most ? value : undefined;
        } catch {
          return undefined;
        }
      default:
        return undefined;
    }
  };
  const send = (op, id, a, b, c, d) => sendRaw(flat(op), flat(id), flat(a), flat(b), flat(c), flat(d));
  const ask = (op, a, b) => askRaw(flat(op), flat(a), flat(b));
  return boot(send, ask);
}`;
