import type { CompiledCode } from './worker-isolate.ts';

/** Compile data by version, least recently used dropped over a budget in bytes. */
export class CodeCache {
  readonly #budgetBytes: number;
  /** Oldest use first. */
  readonly #entries = new Map<string, CompiledCode>();
  #sizeBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  get(name: string): CompiledCode | undefined {
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      this.#entries.delete(name);
      this.#entries.set(name, entry);
    }
    return entry;
  }

  set(name: string, entry: CompiledCode): void {
    this.delete(name);
    if (entry.sizeBytes > this.#budgetBytes) return;
    this.#entries.set(name, entry);
    this.#sizeBytes += entry.sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#budgetBytes) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#sizeBytes -= entry.sizeBytes;
  }
}
