import type { Logger } from '@openworkers/core';
import type { Invalidation, SandboxExit } from '@openworkers/sandbox';
import type { QuarantineList } from './quarantine-list.ts';
import type { SandboxLink } from './sandbox-link.ts';

export interface QuarantineOptions {
  readonly list: QuarantineList;
  readonly log: Logger;
  /** Makes every sandbox ask anew where a worker runs. */
  readonly broadcast: (invalidation: Invalidation) => void;
}

const maxSuspects = 8;
/** A process that crashed without saying what it ran: what it loaded just before is suspect. */
const suspectWindowMs = 5_000;

/** Decides who is kept apart, and lets them back. */
export class Quarantine {
  readonly #options: QuarantineOptions;

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  has(workerId: string): boolean {
    return this.#options.list.has(workerId);
  }

  /** A sandbox ended by itself: what it was running moves. */
  addSuspectsOf(link: SandboxLink, { signal }: SandboxExit): void {
    // SIGKILL without a suspect came from outside (an operator, the kernel): nobody's fault.
    const withinMs = signal === 'SIGKILL' ? 0 : suspectWindowMs;
    const suspects = link.suspects({ max: maxSuspects, withinMs });
    this.add(suspects.map(({ workerId }) => workerId));
  }

  add(workerIds: readonly string[]): void {
    for (const workerId of workerIds) {
      const stayMs = this.#options.list.add(workerId);
      this.#options.log.warn({ workerId, stayMs }, 'worker moves to quarantine');
      this.#options.broadcast({ worker: workerId });
    }
  }

  /** Lets those back whose time is over; call it now and then. */
  release(): void {
    for (const workerId of this.#options.list.takeReleased()) {
      this.#options.log.info({ workerId }, 'worker leaves quarantine');
      this.#options.broadcast({ worker: workerId });
    }
  }
}
