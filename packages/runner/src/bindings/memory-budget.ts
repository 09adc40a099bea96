import { EgressRefusal } from '../egress/egress-refusal.ts';

export interface MemoryBudgetOptions {
  readonly tenantBytes: number;
  /** Of all tenants together. */
  readonly totalBytes: number;
}

/** Bounds what the runner holds for isolates that are slow to send or to take it. */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  readonly #tenants = new Map<string, number>();
  #total = 0;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** Nothing yet; it grows with what is added. */
  open(tenantId: string): Reservation {
    return new Reservation((bytes) => this.#change(tenantId, bytes));
  }

  #change(tenantId: string, bytes: number): void {
    const { tenantBytes, totalBytes } = this.#options;
    const held = (this.#tenants.get(tenantId) ?? 0) + bytes;
    if (bytes > 0 && (held > tenantBytes || this.#total + bytes > totalBytes)) {
      throw new EgressRefusal('Too many large values are under way at once. Try again shortly');
    }
    this.#total += bytes;
    if (held === 0) this.#tenants.delete(tenantId);
    else this.#tenants.set(tenantId, held);
  }
}

/** What one operation holds of a {@link MemoryBudget}. */
export class Reservation {
  readonly #change: (bytes: number) => void;
  #held = 0;

  constructor(change: (bytes: number) => void) {
    this.#change = change;
  }

  /** @throws EgressRefusal when there is not that much left; what was held stays held */
  add(bytes: number): void {
    this.#change(bytes);
    this.#held += bytes;
  }

  /** Gives so many bytes back, or, called without, all. */
  release(bytes = this.#held): void {
    const released = Math.min(bytes, this.#held);
    this.#held -= released;
    if (released > 0) this.#change(-released);
  }
}
