/** Captured at boot: what follows must not depend on what is replaced here or later. */
const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;

// The one place where functions of every type pass; each caller knows what it wraps.
/* oxlint-disable typescript/no-explicit-any */
/** Any function of the language. */
export type Native = (this: any, ...args: any[]) => any;
/** Any constructor of the language. */
export type Constructor = (new (...args: any[]) => any) & { readonly prototype: unknown };
/* oxlint-enable typescript/no-explicit-any */

/**
 * Puts a function in the place of a native one, with its name, length and attributes. Does nothing
 * when this V8 has no such function. The replacement should come from method syntax, so that it is
 * no constructor either.
 */
export function replaceMethod(
  target: object,
  name: string,
  make: (original: Native) => Native,
): void {
  const descriptor = getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function') return;
  const value = make(original as Native);
  copyProperty(original, value, 'name');
  copyProperty(original, value, 'length');
  defineProperty(target, name, { ...descriptor, value });
}

/** Puts a constructor in the place of a native one; they share the prototype object. */
export function replaceConstructor(
  target: object,
  name: string,
  make: (original: Constructor) => Native,
): void {
  const descriptor = getOwnPropertyDescriptor(target, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function') return;
  const value = make(original as unknown as Constructor);
  for (const key of ownKeys(original)) copyProperty(original, value, key);
  Reflect.setPrototypeOf(value, Reflect.getPrototypeOf(original));
  defineProperty(target, name, { ...descriptor, value });
  // The prototype is an ordinary object that leads back to the constructor.
  const prototype: unknown = original.prototype;
  if (typeof prototype !== 'object' && typeof prototype !== 'function') return;
  const link = prototype === null ? undefined : getOwnPropertyDescriptor(prototype, 'constructor');
  if (link !== undefined) defineProperty(prototype as object, 'constructor', { ...link, value });
}

export function remove(target: object, ...names: string[]): void {
  for (const name of names) deleteProperty(target, name);
}

/** Calls a native function with the given `this` and arguments. */
export function call(original: Native, self: unknown, args: ArrayLike<unknown>): unknown {
  return apply(original, self, args);
}

function copyProperty(from: object, to: object, key: string | symbol): void {
  const descriptor = getOwnPropertyDescriptor(from, key);
  if (descriptor !== undefined) defineProperty(to, key, descriptor);
}
