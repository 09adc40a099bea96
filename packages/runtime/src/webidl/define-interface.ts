import { ObjectDefineProperty, ReflectOwnKeys, SymbolToStringTag } from '../primordials.ts';
import { SafeSet } from '../safe-collections.ts';

/** Every prototype passed to {@link defineInterface}: what inherits from one is a platform object. */
const interfacePrototypes = new SafeSet<object>();

/** Whether the object is the prototype of one of the runtime's own interfaces. */
export function isInterfacePrototype(value: object): boolean {
  return interfacePrototypes.has(value);
}

const enumerable = { __proto__: null, enumerable: true };

/**
 * Gives a class what WebIDL asks of an interface and JavaScript classes lack: operations and
 * attributes are enumerable, and the prototype has a `Symbol.toStringTag`. Call it in the class's
 * last static block, before user code can see the class.
 */
export function defineInterface(constructor: { prototype: object }, name: string): void {
  const { prototype } = constructor;
  interfacePrototypes.add(prototype);
  makeEnumerable(prototype);
  makeEnumerable(constructor);
  // Minifiers rename classes.
  ObjectDefineProperty(constructor, 'name', readOnly(name));
  ObjectDefineProperty(prototype, SymbolToStringTag, readOnly(name));
}

/** Defines WebIDL constants on an interface object and its prototype. */
export function defineConstants(
  constructor: { prototype: object },
  constants: readonly (readonly [name: string, value: number])[],
): void {
  for (let i = 0; i < constants.length; i += 1) {
    const constant = constants[i];
    if (constant === undefined) continue;
    const descriptor = { __proto__: null, value: constant[1], enumerable: true };
    ObjectDefineProperty(constructor, constant[0], descriptor);
    ObjectDefineProperty(constructor.prototype, constant[0], descriptor);
  }
}

function readOnly(value: string): PropertyDescriptor & { __proto__: null } {
  return { __proto__: null, value, configurable: true, enumerable: false, writable: false };
}

function makeEnumerable(target: object): void {
  const isConstructor = typeof target === 'function';
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    if (typeof key !== 'string' || key === 'constructor') continue;
    if (isConstructor && (key === 'prototype' || key === 'name' || key === 'length')) continue;
    ObjectDefineProperty(target, key, enumerable);
  }
}
