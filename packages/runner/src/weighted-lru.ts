export interface WeightedLruOptions<V> {
  /** Sum of weights that may stay; the least recently used entries go first. */
  readonly maxWeight: number;
  readonly weigh: (value: V) => number;
}

/** A map that forgets what was not used for longest once its entries weigh too much. */
export class WeightedLru<K, V> {
  readonly #entries = new Map<K, { value: V; weight: number }>();
  readonly #maxWeight: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  constructor({ maxWeight, weigh }: WeightedLruOptions<V>) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  /** The value, which now counts as just used. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value, unless it alone is heavier than everything allowed. */
  set(key: K, value: V): void {
    this.delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#maxWeight) return;
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#maxWeight) return;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }

  /** Everything kept, least recently used first; looking does not count as use. */
  *entries(): Iterable<[K, V]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }
}

/** An LRU of at most so many entries. */
export function countedLru<K, V>(maxEntries: number): WeightedLru<K, V> {
  return new WeightedLru({ maxWeight: maxEntries, weigh: () => 1 });
}
