import {
  IteratorPrototype,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  ReflectDeleteProperty,
  SymbolIterator,
  SymbolToStringTag,
} from '../primordials.ts';

export type PairKind = 'keys' | 'values' | 'entries';

/** The pair at the index, or undefined at the end; asked anew at every step. */
export type PairAt<Target> = (
  target: Target,
  index: number,
) => readonly [key: unknown, value: unknown] | undefined;

/**
 * Makes the iterators of a WebIDL `iterable<key, value>`: they see changes made during iteration,
 * and their prototype holds `next` only.
 *
 * @param name Of the interface, as in `Headers`.
 */
export function definePairIterator<Target>(
  name: string,
  pairAt: PairAt<Target>,
): (target: Target, kind: PairKind) => IterableIterator<unknown> {
  class PairIterator {
    readonly #target: Target;
    readonly #kind: PairKind;
    #index = 0;

    constructor(target: Target, kind: PairKind) {
      this.#target = target;
      this.#kind = kind;
    }

    next(): IteratorResult<unknown> {
      const pair = pairAt(this.#target, this.#index);
      if (pair === undefined) return { value: undefined, done: true };
      this.#index += 1;
      if (this.#kind === 'keys') return { value: pair[0], done: false };
      if (this.#kind === 'values') return { value: pair[1], done: false };
      return { value: [pair[0], pair[1]], done: false };
    }
  }
  const { prototype } = PairIterator;
  ReflectDeleteProperty(prototype, 'constructor');
  ObjectSetPrototypeOf(prototype, IteratorPrototype);
  ObjectDefineProperty(prototype, 'next', { __proto__: null, enumerable: true } as object);
  ObjectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null,
    value: `${name} Iterator`,
    configurable: true,
  } as object);
  // Iterator.prototype has the `Symbol.iterator` that the class does not declare.
  return (target, kind) => new PairIterator(target, kind) as object as IterableIterator<unknown>;
}

/** Makes `[Symbol.iterator]` of an interface the same function as its `entries`. */
export function aliasIterator(prototype: { entries: unknown }): void {
  ObjectDefineProperty(prototype, SymbolIterator, {
    __proto__: null,
    value: prototype.entries,
    writable: true,
    configurable: true,
  } as object);
}
