import { ObjectDefineProperty, ReflectHas } from '../primordials.ts';

/** Defines a property as assignment would if nothing on the prototype could intercept it. */
export function defineOwn(target: object, prototype: object, key: string, value: unknown): void {
  if (!ReflectHas(prototype, key)) {
    // Several times faster than defining, and it keeps the object's fast layout.
    // Any object takes properties.
    (target as Record<string, unknown>)[key] = value;
    return;
  }
  const descriptor = { __proto__: null, value, ...enumerable };
  ObjectDefineProperty(target, key, descriptor);
}

const enumerable = { writable: true, enumerable: true, configurable: true };

/** Defines a property that enumeration does not show. */
export function defineHidden(target: object, key: string, value: unknown): void {
  const descriptor = { __proto__: null, value, writable: true, configurable: true };
  ObjectDefineProperty(target, key, descriptor);
}
