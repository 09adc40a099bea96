import { watchDescriptors } from '../harden/descriptors.ts';
import {
  globalObject,
  ObjectDefineProperty,
  ReflectGetOwnPropertyDescriptor,
} from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { defineGlobal } from './define-global.ts';
import type { LazyModule } from './lazy-module.ts';

/** Globals that nobody has read yet, with the functions that make ordinary properties of them. */
const unread = new SafeMap<unknown, () => unknown>();

/** Globals that all become ordinary properties when one of them is first read. */
export function defineLazyGlobals<Exports extends object>(
  lazy: LazyModule<Exports>,
  names: readonly (keyof Exports & string)[],
): void {
  const getters = new SafeMap<string, () => unknown>();
  const settle = (getter: () => unknown, name: string): void => {
    unread.delete(name);
    // What worker code has replaced or deleted stays so.
    const now = ReflectGetOwnPropertyDescriptor(globalObject, name);
    if (now?.get === getter) defineGlobal(name, lazy.value[name as keyof Exports], false);
  };
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name === undefined) continue;
    const getter = defineLazyGlobal(name, false, () => {
      getters.forEach(settle);
      getters.clear();
      return lazy.value[name];
    });
    getters.set(name, getter);
  }
}

/** A global that becomes an ordinary property when it is first read or written. */
export function defineLazyGlobal(
  name: string,
  enumerable: boolean,
  load: () => unknown,
): () => unknown {
  const get = (): unknown => {
    unread.delete(name);
    const value = load();
    defineGlobal(name, value, enumerable);
    return value;
  };
  unread.set(name, get);
  ObjectDefineProperty(globalObject, name, {
    __proto__: null,
    get,
    set: (value: unknown) => defineGlobal(name, value, enumerable),
    enumerable,
    configurable: true,
  } as object);
  return get;
}

/**
 * Shows lazy globals to worker code as the data properties that the standard makes them: who asks for
 * the descriptor of one reads it.
 */
export function hideLazyGetters(): void {
  watchDescriptors((target, name) => {
    const get = target === globalObject ? unread.get(name) : undefined;
    if (get === undefined) return;
    // Only while it is ours: worker code may have replaced or deleted it.
    const now = ReflectGetOwnPropertyDescriptor(globalObject, name as string);
    if (now?.get === get) get();
  });
}
