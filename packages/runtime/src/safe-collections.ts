import {
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectSetPrototypeOf,
  ReflectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
} from './primordials.ts';

/*
 * Collections with methods of their own that worker code can neither reach nor patch. Iterate them
 * with `forEach` only: the built-in iterators' `next` can be patched.
 */

export class SafeMap<K, V> extends Map<K, V> {
  constructor() {
    super();
  }
}

export class SafeSet<T> extends Set<T> {
  constructor() {
    super();
  }
}

function copyMethods(from: object, to: object): void {
  const keys = ReflectOwnKeys(from);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    const descriptor = key === undefined ? key : ReflectGetOwnPropertyDescriptor(from, key);
    if (key !== undefined && key !== 'constructor' && descriptor !== undefined) {
      ObjectDefineProperty(to, key, descriptor);
    }
  }
  ObjectSetPrototypeOf(to, null);
  ObjectFreeze(to);
}

copyMethods(Map.prototype, SafeMap.prototype);
copyMethods(Set.prototype, SafeSet.prototype);
