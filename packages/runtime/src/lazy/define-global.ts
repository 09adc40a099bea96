import { globalObject, ObjectDefineProperty } from '../primordials.ts';

/** Puts an ordinary property on `globalThis`. */
export function defineGlobal(name: string, value: unknown, enumerable: boolean): void {
  ObjectDefineProperty(globalObject, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable,
    configurable: true,
  } as object);
}
