/** How long to wait before a role is started again. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** A run of at least this long counts as healthy: the next failure starts from the beginning. */
  readonly healthyMs: number;
}

export const restartBackoff: BackoffOptions = { minMs: 50, maxMs: 10_000, healthyMs: 30_000 };

/** Waiting times that double from failure to failure. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.minMs;
  }

  /** Milliseconds to wait now that a run of `ranMs` has failed. */
  afterFailure(ranMs: number): number {
    if (ranMs >= this.#options.healthyMs) this.#nextMs = this.#options.minMs;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, this.#options.maxMs);
    return waitMs;
  }
}
