/** The parts of the WebAssembly API that are used here; only TypeScript's DOM library has them. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array, options: { builtins: readonly string[] }) => object;
  readonly Instance: (new (module: object, imports: object) => object) & { prototype: object };
  readonly Memory: { prototype: object };
};

/* Captured before the constructors are hardened, and out of reach of a worker that patches them. */
const { Module, Instance } = WebAssembly;
const { apply, getOwnPropertyDescriptor } = Reflect;
const exportsOf = getOwnPropertyDescriptor(Instance.prototype, 'exports')?.get;
const bufferOf = getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer')?.get;

/** An instance of the runtime's own. */
export interface OwnInstance {
  readonly exports: Readonly<Record<string, unknown>>;
  /** The buffer of its exported `memory`, which must never grow. */
  readonly memory: ArrayBuffer;
}

/**
 * Makes an instance of a module of the runtime's own, with V8's string built-ins as imports. Its
 * memory is not counted for the worker.
 *
 * @throws Error when the system has no memory for it
 */
export function instantiateOwn(bytes: Uint8Array): OwnInstance {
  const instance = new Instance(new Module(bytes, { builtins: ['js-string'] }), {});
  if (exportsOf === undefined || bufferOf === undefined) throw new Error('no WebAssembly');
  // The module is ours: it exports a memory.
  const exports = apply(exportsOf, instance, []) as Readonly<Record<string, unknown>>;
  return { exports, memory: apply(bufferOf, exports['memory'], []) as ArrayBuffer };
}
