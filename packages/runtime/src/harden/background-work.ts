/* oxlint-disable typescript/unbound-method -- methods are taken off their objects: as natives, they are no constructors */
import {
  remove,
  replaceConstructor,
  replaceMethod,
  type Constructor,
  type Native,
} from './replace.ts';

/**
 * Code that V8 runs on its own, between the slices, belongs to no event and would be counted for
 * none: cleanup callbacks, and the ends of waits for shared memory.
 */
export function hardenBackgroundWork(): void {
  const registries = new WeakSet<object>();
  const { prototype } = FinalizationRegistry;
  replaceMethod(prototype, 'register', () => makeRegister(registries));
  replaceMethod(prototype, 'unregister', () => makeUnregister(registries));
  replaceConstructor(globalThis, 'FinalizationRegistry', (original) =>
    makeSilentRegistry(original, registries),
  );
  remove(Atomics, 'wait', 'waitAsync', 'notify');
  remove(globalThis, 'SharedArrayBuffer');
}

/** A registry that never calls back, which the specification allows. */
function makeSilentRegistry(original: Constructor, registries: WeakSet<object>): Native {
  const { construct } = Reflect;
  return function FinalizationRegistry(cleanup: unknown): unknown {
    if (new.target === undefined) {
      throw new TypeError("Constructor FinalizationRegistry requires 'new'");
    }
    if (typeof cleanup !== 'function') {
      throw new TypeError('FinalizationRegistry: cleanup must be callable');
    }
    const registry = construct(original, [() => {}], new.target) as object;
    registries.add(registry);
    return registry;
  };
}

function makeRegister(registries: WeakSet<object>): Native {
  return {
    register(this: object, target: unknown): void {
      requireRegistry(registries, this);
      const type = typeof target;
      if (target === null || (type !== 'object' && type !== 'function' && type !== 'symbol')) {
        throw new TypeError('FinalizationRegistry.prototype.register: invalid target');
      }
    },
  }.register;
}

function makeUnregister(registries: WeakSet<object>): Native {
  return {
    unregister(this: object): boolean {
      requireRegistry(registries, this);
      return false;
    },
  }.unregister;
}

function requireRegistry(registries: WeakSet<object>, value: object): void {
  if (!registries.has(value)) throw new TypeError('Receiver is not a FinalizationRegistry');
}
