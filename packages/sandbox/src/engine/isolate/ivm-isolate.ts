import { enterOps } from '@openworkers/runtime';
import ivm from 'isolated-vm';
import { builtinSource, rareModules } from './module-sources.ts';
import type { CompiledCode, IsolateListener, SliceCall, WorkerIsolate } from './worker-isolate.ts';

/** The parts of a booted isolate, made by {@link IvmIsolateFactory}. */
export interface IvmParts {
  readonly isolate: ivm.Isolate;
  readonly context: ivm.Context;
  readonly memoryLimitBytes: number;
  /** The global name under which the runtime shows its modules for a moment. */
  readonly globalName: string;
  readonly builtins: ReadonlyMap<string, ivm.Module>;
  /** Imports `worker`, then says that it ran. */
  readonly start: ivm.Module;
  readonly ready: ivm.Module;
}

export class IvmIsolate implements WorkerIsolate {
  listener: IsolateListener | undefined;
  readonly memoryLimitBytes: number;
  readonly #parts: IvmParts;
  readonly #entry: ivm.Reference;
  #main: ivm.Module | undefined;

  constructor(parts: IvmParts, entry: ivm.Reference) {
    this.#parts = parts;
    this.#entry = entry;
    this.memoryLimitBytes = parts.memoryLimitBytes;
  }

  get isDisposed(): boolean {
    return this.#parts.isolate.isDisposed;
  }

  enter(call: SliceCall): Promise<unknown> {
    const values: unknown[] = call;
    for (let i = 2; i < values.length; i += 1) {
      const value = values[i];
      if (typeof value === 'object') values[i] = transferred(value as ArrayBuffer);
    }
    return this.#entry.apply(undefined, values);
  }

  openBuiltins(): Promise<unknown> {
    const { builtins, globalName } = this.#parts;
    return Promise.all([
      this.enter([enterOps.exposeModules, 0, globalName]),
      ...Array.from(builtins.values(), (module) => module.evaluate()),
      this.enter([enterOps.hideModules, 0, globalName]),
    ]);
  }

  async compile(
    code: string,
    compiled: CompiledCode | undefined,
  ): Promise<CompiledCode | undefined> {
    // Only `compile` makes such handles, and they hold the compile data it got.
    const cachedData = compiled?.handle as ivm.ExternalCopy<ArrayBuffer> | undefined;
    const main = await this.#parts.isolate.compileModule(code, {
      filename: 'worker.js',
      ...(cachedData === undefined ? { produceCachedData: true } : { cachedData }),
    });
    this.#main = main;
    const { cachedData: made } = main as { cachedData?: ivm.ExternalCopy<ArrayBuffer> };
    if (made === undefined || cachedData !== undefined) return undefined;
    return { handle: made, sizeBytes: made.copy().byteLength };
  }

  async link(): Promise<void> {
    const { start, ready, context } = this.#parts;
    const main = this.#main;
    if (main === undefined) throw new Error('nothing compiled');
    const builtins = new Map(this.#parts.builtins);
    for (const specifier of rareModules) {
      if (!main.dependencySpecifiers.includes(specifier)) continue;
      builtins.set(specifier, await this.#makeModule(specifier));
    }
    // Each module that is evaluated must have been instantiated itself: isolated-vm 7.0.1 reads a
    // null context otherwise, and the process is gone.
    await main.instantiate(context, (specifier) => {
      const builtin = builtins.get(specifier);
      if (builtin === undefined) throw new TypeError(`Cannot find module '${specifier}'`);
      return builtin;
    });
    await start.instantiate(context, (specifier) => (specifier === 'ready' ? ready : main));
  }

  async #makeModule(specifier: string): Promise<ivm.Module> {
    const { isolate, context, globalName } = this.#parts;
    const source = builtinSource(specifier, globalName);
    const module = await isolate.compileModule(source, { filename: specifier });
    await module.instantiate(context, () => {
      throw new TypeError('built-in modules import nothing');
    });
    await Promise.all([
      this.enter([enterOps.exposeModules, 0, globalName, specifier]),
      module.evaluate(),
      this.enter([enterOps.hideModules, 0, globalName]),
    ]);
    return module;
  }

  async evaluate(): Promise<void> {
    // Both at once: they run in this order, and isolated-vm knows the exports of a module only
    // after evaluating exactly that module.
    await Promise.all([this.#main?.evaluate(), this.#parts.start.evaluate()]);
  }

  register(): Promise<unknown> {
    if (this.#main === undefined) throw new Error('nothing compiled');
    return this.#entry.apply(undefined, [enterOps.register, 0, this.#main.namespace.derefInto()]);
  }

  async measureMemory(): Promise<number> {
    const heap = await this.#parts.isolate.getHeapStatistics();
    return heap.total_physical_size + heap.malloced_memory + heap.externally_allocated_size;
  }

  dispose(): void {
    if (!this.#parts.isolate.isDisposed) this.#parts.isolate.dispose();
  }
}

/** Moves the bytes into the isolate: the buffer is empty here afterwards. */
function transferred(bytes: ArrayBuffer): ivm.Copy<ArrayBuffer> {
  const copy = new ivm.ExternalCopy(bytes, { transferOut: true });
  return copy.copyInto({ release: true, transferIn: true });
}
