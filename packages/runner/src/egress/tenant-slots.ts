import { EgressRefusal } from './egress-refusal.ts';

/** How many connections each tenant has open, and may have. */
export class TenantSlots {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes a slot; the returned function, called once or more, gives it back.
   *
   * @throws EgressRefusal when the tenant has as many as it may
   */
  take(tenantId: string): () => void {
    const open = this.#open.get(tenantId) ?? 0;
    if (open >= this.#most) {
      throw new EgressRefusal(`too many outgoing connections at once: the limit is ${this.#most}`);
    }
    this.#open.set(tenantId, open + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const left = (this.#open.get(tenantId) ?? 1) - 1;
      if (left === 0) this.#open.delete(tenantId);
      else this.#open.set(tenantId, left);
    };
  }
}
