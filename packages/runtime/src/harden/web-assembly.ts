/* oxlint-disable typescript/unbound-method -- methods are taken off their objects: as natives, they are no constructors */
import {
  call,
  remove,
  replaceConstructor,
  replaceMethod,
  type Constructor,
  type Native,
} from './replace.ts';
import { readMemories } from './wasm-memories.ts';
import { WasmMemoryBudget } from './wasm-memory-budget.ts';

/** The parts of the WebAssembly API that are used here; only TypeScript's DOM library has them. */
declare const WebAssembly: {
  readonly Memory: Constructor;
  Module: Constructor;
  Instance: Constructor;
  readonly CompileError: ErrorConstructor;
};

/*
 * Captured at boot. What runs later never uses a global or a method that the worker could replace, nor
 * `for…of` or spread.
 */
const { construct, getOwnPropertyDescriptor, ownKeys } = Reflect;
const OriginalPromise = Promise;
const OriginalUint8Array = Uint8Array;
const { isView } = ArrayBuffer;
const { CompileError } = WebAssembly;
const { get: getFromWeakMap, has: isInWeakMap, set: setInWeakMap } = WeakMap.prototype;
const bufferLength = getterOf(ArrayBuffer.prototype, 'byteLength');
const bytesPerPage = 65_536;

interface MemoryDescriptor {
  readonly initial?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly shared?: unknown;
  readonly address?: unknown;
}

/** What the constructors and functions share. */
class WebAssemblyGuard {
  readonly budget = new WasmMemoryBudget();
  /** Pages that a module's own memories take in each instance. */
  readonly #ownPages = new WeakMap<object, number>();
  readonly #bufferOf = getterOf(WebAssembly.Memory.prototype as object, 'buffer');
  readonly #exportsOf = getterOf(WebAssembly.Instance.prototype as object, 'exports');

  /** Pages of a memory now, or undefined when the value is none. */
  readonly pagesOf = (value: unknown): number | undefined => {
    try {
      return (call(this.#bufferOf, value, []) as ArrayBuffer).byteLength / bytesPerPage;
    } catch {
      // The getter throws for everything that is not a memory.
      return undefined;
    }
  };

  setOwnPages(module: object, pages: number): void {
    call(setInWeakMap, this.#ownPages, [module, pages]);
  }

  ownPagesOf(module: unknown): number {
    const pages = call(getFromWeakMap, this.#ownPages, [module]);
    return typeof pages === 'number' ? pages : 0;
  }

  isModule(value: unknown): boolean {
    return call(isInWeakMap, this.#ownPages, [value]) === true;
  }

  addMemory(memory: object): void {
    this.budget.add(memory, (owner) => this.pagesOf(owner) ?? 0);
  }

  /** Counts the memories an instance exports, or else what it declares. */
  addInstance(instance: object, ownPages: number): void {
    const exports = call(this.#exportsOf, instance, []) as object;
    let isExported = false;
    const names = ownKeys(exports);
    for (let index = 0; index < names.length; index += 1) {
      const value: unknown = getOwnPropertyDescriptor(exports, names[index] ?? '')?.value;
      if (typeof value !== 'object' || value === null || this.pagesOf(value) === undefined)
        continue;
      this.addMemory(value);
      isExported = true;
    }
    if (!isExported && ownPages > 0) this.budget.add(instance, () => ownPages);
  }
}

/**
 * WebAssembly memory is not in the isolate's memory limit: count it. Its shared memories would give
 * back `SharedArrayBuffer`. Compiling in the background and switching stacks runs code between the
 * slices, for no event: compile at once, and take stack switching away.
 */
export function hardenWebAssembly(): void {
  const guard = new WebAssemblyGuard();
  const memory = WebAssembly.Memory.prototype as object;
  replaceConstructor(WebAssembly, 'Memory', (original) => makeMemory(original, guard));
  replaceMethod(memory, 'grow', (original) => makeGrow(original, guard));
  remove(memory, 'toResizableBuffer', 'toFixedLengthBuffer');
  replaceConstructor(WebAssembly, 'Module', (original) => makeModule(original, guard));
  replaceConstructor(WebAssembly, 'Instance', (original) => makeInstance(original, guard));
  const { Module, Instance } = WebAssembly;
  replaceMethod(WebAssembly, 'compile', () => makeCompile(Module));
  replaceMethod(WebAssembly, 'instantiate', () => makeInstantiate(Module, Instance, guard));
  replaceMethod(WebAssembly, 'validate', (original) => makeValidate(original));
  remove(WebAssembly, 'promising', 'Suspending', 'SuspendError');
}

function makeMemory(original: Constructor, guard: WebAssemblyGuard): Native {
  return function Memory(descriptor: unknown): unknown {
    if (new.target === undefined)
      throw new TypeError("WebAssembly.Memory must be invoked with 'new'");
    const given = descriptor as MemoryDescriptor | undefined;
    // Read once: a getter could say something else the second time.
    const { initial, minimum, maximum, shared, address } = given ?? {};
    if (shared) throw new TypeError('Shared WebAssembly memory is not available');
    if (address !== undefined && address !== 'i32') {
      throw new TypeError('64-bit WebAssembly memory is not available');
    }
    const pages = toPages(initial ?? minimum);
    guard.budget.require(pages);
    const checked =
      maximum === undefined
        ? { __proto__: null, initial: pages }
        : { __proto__: null, initial: pages, maximum: toPages(maximum) };
    const memory = construct(original, [checked], new.target) as object;
    guard.addMemory(memory);
    return memory;
  };
}

function makeGrow(original: Native, guard: WebAssemblyGuard): Native {
  return {
    grow(this: unknown, delta: unknown): unknown {
      const pages = toPages(delta);
      guard.budget.require(pages);
      return call(original, this, [pages]);
    },
  }.grow;
}

function makeModule(original: Constructor, guard: WebAssemblyGuard): Native {
  return function Module(source: unknown): unknown {
    if (new.target === undefined)
      throw new TypeError("WebAssembly.Module must be invoked with 'new'");
    const bytes = viewOf(source);
    const declared = readMemories(bytes);
    if (declared.hasShared) throw new CompileError('Shared WebAssembly memory is not available');
    const module = construct(original, [bytes], new.target) as object;
    guard.setOwnPages(module, declared.initialPages);
    return module;
  };
}

function makeInstance(original: Constructor, guard: WebAssemblyGuard): Native {
  return function Instance(module: object, imports: unknown): unknown {
    if (new.target === undefined) {
      throw new TypeError("WebAssembly.Instance must be invoked with 'new'");
    }
    const ownPages = guard.ownPagesOf(module);
    if (ownPages > 0) guard.budget.require(ownPages);
    const args = imports === undefined ? [module] : [module, imports];
    const instance = construct(original, args, new.target) as object;
    if (ownPages > 0) guard.addInstance(instance, ownPages);
    return instance;
  };
}

function makeCompile(Module: Constructor): Native {
  return {
    compile(source: unknown): unknown {
      return new OriginalPromise((resolve) => resolve(new Module(source)));
    },
  }.compile;
}

function makeInstantiate(
  Module: Constructor,
  Instance: Constructor,
  guard: WebAssemblyGuard,
): Native {
  return {
    instantiate(source: object, imports: unknown): unknown {
      return new OriginalPromise((resolve) => {
        if (guard.isModule(source)) {
          resolve(new Instance(source, imports));
          return;
        }
        const module: unknown = new Module(source);
        resolve({ module, instance: new Instance(module, imports) });
      });
    },
  }.instantiate;
}

function makeValidate(original: Native): Native {
  return {
    validate(source: unknown): unknown {
      const bytes = viewOf(source);
      return !readMemories(bytes).hasShared && call(original, undefined, [bytes]);
    },
  }.validate;
}

/** The bytes as the compiler will see them: one view, made once. Throws a TypeError for anything else. */
function viewOf(source: unknown): Uint8Array {
  if (isView(source)) {
    return new OriginalUint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  // The getter throws for everything that is not an ArrayBuffer.
  call(bufferLength, source, []);
  return new OriginalUint8Array(source as ArrayBuffer);
}

/** As WebIDL's `unsigned long`, without the range checks that the engine makes itself. */
function toPages(value: unknown): number {
  const pages = +(value as number);
  return pages >= 0 ? pages : 0;
}

function getterOf(prototype: object, name: string): Native {
  const getter = getOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new TypeError(`no getter ${name}`);
  return getter;
}
