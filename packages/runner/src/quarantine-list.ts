import type { Clock } from '@openworkers/core';

export interface QuarantineListOptions {
  readonly clock: Clock;
  /** Milliseconds of the first stay; each further one doubles it. */
  readonly firstStayMs?: number;
  readonly longestStayMs?: number;
  /** Milliseconds without an incident after which a worker starts with a clean sheet. */
  readonly forgetAfterMs?: number;
}

interface Suspect {
  stays: number;
  untilMs: number;
  isReleased: boolean;
}

const maxSuspects = 10_000;

/**
 * Workers that were seen running when a sandbox had to be replaced: they run apart from the others
 * for a while, longer each time. Kept in memory only: a restart of the runner forgives.
 */
export class QuarantineList {
  readonly #options: Required<QuarantineListOptions>;
  readonly #suspects = new Map<string, Suspect>();

  constructor(options: QuarantineListOptions) {
    this.#options = {
      firstStayMs: 60_000,
      longestStayMs: 3_600_000,
      forgetAfterMs: 3_600_000,
      ...options,
    };
  }

  /** Begins or prolongs the stay of a worker. Returns its length in milliseconds. */
  add(workerId: string): number {
    const { clock, firstStayMs, longestStayMs } = this.#options;
    const stays = (this.#suspects.get(workerId)?.stays ?? 0) + 1;
    const stayMs = Math.min(firstStayMs * 2 ** (stays - 1), longestStayMs);
    this.#suspects.delete(workerId);
    this.#suspects.set(workerId, { stays, untilMs: clock.now() + stayMs, isReleased: false });
    const [oldest] = this.#suspects.keys();
    if (this.#suspects.size > maxSuspects && oldest !== undefined) this.#suspects.delete(oldest);
    return stayMs;
  }

  has(workerId: string): boolean {
    const suspect = this.#suspects.get(workerId);
    return suspect !== undefined && this.#options.clock.now() < suspect.untilMs;
  }

  /** Workers whose stay ended since the last call; their routes must be told anew. */
  takeReleased(): string[] {
    const now = this.#options.clock.now();
    const released: string[] = [];
    for (const [workerId, suspect] of this.#suspects) {
      if (now >= suspect.untilMs + this.#options.forgetAfterMs) this.#suspects.delete(workerId);
      if (now < suspect.untilMs || suspect.isReleased) continue;
      suspect.isReleased = true;
      released.push(workerId);
    }
    return released;
  }
}
