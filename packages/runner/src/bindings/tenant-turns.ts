import { EgressRefusal } from '../egress/egress-refusal.ts';

export interface TenantTurnsOptions {
  /** Operations of one tenant that run at once. */
  readonly atOnce: number;
  /** Operations of one tenant that wait for that. */
  readonly maxWaiting: number;
}

interface Tenant {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets each tenant do so many things at once, so that none takes all connections for itself. */
export class TenantTurns {
  readonly #options: TenantTurnsOptions;
  readonly #tenants = new Map<string, Tenant>();

  constructor(options: TenantTurnsOptions) {
    this.#options = options;
  }

  /** @throws EgressRefusal when too many wait already */
  async run<Result>(tenantId: string, operation: () => Promise<Result>): Promise<Result> {
    const tenant = this.#tenants.get(tenantId) ?? { running: 0, waiting: [] };
    this.#tenants.set(tenantId, tenant);
    if (tenant.running >= this.#options.atOnce) {
      if (tenant.waiting.length >= this.#options.maxWaiting) {
        throw new EgressRefusal('Too many operations at once. Try again shortly');
      }
      // Whoever ends gives its turn over, so that nobody comes between.
      await new Promise<void>((resolve) => tenant.waiting.push(resolve));
    } else {
      tenant.running += 1;
    }
    try {
      return await operation();
    } finally {
      const next = tenant.waiting.shift();
      if (next !== undefined) next();
      else this.#end(tenantId, tenant);
    }
  }

  #end(tenantId: string, tenant: Tenant): void {
    tenant.running -= 1;
    if (tenant.running === 0) this.#tenants.delete(tenantId);
  }
}
