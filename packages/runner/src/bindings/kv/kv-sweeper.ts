import { messageOf, type Logger } from '@openworkers/core';
import { sweepKvEntries, type Database } from '@openworkers/db';

export interface KvSweeperOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Between two sweeps. */
  readonly intervalMs?: number;
}

const batch = 1_000;
const maxBatches = 100;

/** Removes expired entries now and then. Readers do not see them anyway; any number of runners may sweep. */
export class KvSweeper {
  readonly #options: KvSweeperOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: KvSweeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), options.intervalMs ?? 30_000);
    this.#timer.unref();
  }

  /** One sweep; joins one that is under way. Never fails. */
  sweep(): Promise<void> {
    this.#running ??= this.#sweep().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    const { database, log } = this.#options;
    try {
      for (let round = 0; round < maxBatches && !this.#isStopped; round += 1) {
        if ((await sweepKvEntries(database, batch)) < batch) return;
      }
    } catch (error) {
      // PostgreSQL is away: the next sweep is soon enough.
      log.warn({ problem: messageOf(error) }, 'expired key-value entries not removed');
    }
  }
}
