import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Secret } from '@openworkers/core';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@openworkers/db';
import { Backoff, restartBackoff } from './backoff.ts';

interface SupervisedPostgresOptions {
  readonly dataDir: string;
  readonly log: Logger;
}

/** The embedded PostgreSQL, started again whenever it ends by itself. */
export class SupervisedPostgres {
  readonly #options: SupervisedPostgresOptions;
  readonly #backoff = new Backoff(restartBackoff);
  readonly #stopping = new AbortController();
  #server: EmbeddedPostgres | undefined;
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: SupervisedPostgresOptions) {
    this.#options = options;
  }

  /**
   * Starts the server; answers its owner's login, which stays the same over restarts.
   *
   * @throws AppError as `startEmbeddedPostgres` does
   */
  async start(): Promise<Secret> {
    const server = await startEmbeddedPostgres(this.#options);
    this.#keeping = this.#keepRunning(server);
    return server.connectionString;
  }

  /** Fast shutdown, after `timeoutMs` an immediate one; committed data is safe either way. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop(timeoutMs);
    await this.#keeping;
  }

  async #keepRunning(first: EmbeddedPostgres): Promise<void> {
    const { signal } = this.#stopping;
    let server: EmbeddedPostgres | undefined = first;
    while (server !== undefined) {
      this.#server = server;
      const startedAt = performance.now();
      const { isExpected, detail } = await server.exited;
      this.#server = undefined;
      if (isExpected || signal.aborted) return;
      this.#options.log.error({ detail }, 'PostgreSQL ended, starting it again');
      server = await this.#startAgain(performance.now() - startedAt);
    }
  }

  /** Tries until it works; undefined when the platform stops meanwhile. */
  async #startAgain(ranMs: number): Promise<EmbeddedPostgres | undefined> {
    const { signal } = this.#stopping;
    let waitMs = this.#backoff.afterFailure(ranMs);
    while (!signal.aborted) {
      await delay(waitMs, undefined, { signal }).catch(() => undefined); // aborted
      if (signal.aborted) return undefined;
      try {
        const server = await startEmbeddedPostgres(this.#options);
        if (!signal.aborted) return server;
        await server.stop();
      } catch (error) {
        this.#options.log.error({ err: error }, 'PostgreSQL could not be started');
        waitMs = this.#backoff.afterFailure(0);
      }
    }
    return undefined;
  }
}
