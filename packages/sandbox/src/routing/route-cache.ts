import { AppError } from '@openworkers/core/app-error';
import type { RouteAnswer } from '../protocol/messages.ts';

const second = 1000;

/** How long an answer is believed, in ms. A lost notification heals after the first of these. */
const freshMs = { worker: 60 * second, platform: 60 * second, none: 5 * second } as const;
/** How long an old answer still serves while the database cannot be reached. */
const staleMs = 3_600 * second;
/** Hosts of one generation; the cache holds two. */
const generationSize = 10_000;

interface Entry {
  readonly answer: RouteAnswer;
  /** On the monotonic clock. */
  readonly askedAt: number;
}

export interface RouteCacheOptions {
  /** Asks the runner. */
  readonly ask: (host: string) => Promise<RouteAnswer>;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/**
 * Where hosts lead, as far as this sandbox has asked. Bounded in two generations: when the young
 * one is full it becomes the old one, and what was in the old one and not asked for since is gone.
 */
export class RouteCache {
  readonly #options: RouteCacheOptions;
  readonly #asking = new Map<string, Promise<RouteAnswer>>();
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  /** Counts invalidations: an answer to a question older than the last one may be out of date. */
  #epoch = 0;

  constructor(options: RouteCacheOptions) {
    this.#options = options;
  }

  /** The answer at hand, if it is fresh. */
  get(host: string): RouteAnswer | undefined {
    const entry = this.#find(host);
    if (entry === undefined) return undefined;
    return this.#options.now() - entry.askedAt < freshMs[entry.answer.kind]
      ? entry.answer
      : undefined;
  }

  /**
   * Asks the runner; questions about one host at one time are one question. While the database
   * cannot be reached, an answer of up to an hour ago stands.
   *
   * @throws AppError the runner's refusal
   */
  ask(host: string): Promise<RouteAnswer> {
    const asking = this.#asking.get(host);
    if (asking !== undefined) return asking;
    const answer = this.#askRunner(host).finally(() => {
      if (this.#asking.get(host) === answer) this.#asking.delete(host);
    });
    this.#asking.set(host, answer);
    return answer;
  }

  dropHost(host: string): void {
    this.#epoch += 1;
    this.#asking.delete(host);
    this.#young.delete(host);
    this.#old.delete(host);
  }

  /** Also drops what says "nothing here": the worker may be what is there now. */
  dropWorker(workerId: string): void {
    this.#drop(
      (answer) =>
        answer.kind === 'none' || (answer.kind === 'worker' && answer.workerId === workerId),
    );
  }

  dropEnvironment(environmentId: string): void {
    this.#drop((answer) => answer.kind === 'worker' && answer.environmentId === environmentId);
  }

  dropAll(): void {
    this.#drop(() => true);
  }

  async #askRunner(host: string): Promise<RouteAnswer> {
    const askedAt = this.#options.now();
    const epoch = this.#epoch;
    try {
      const answer = await this.#options.ask(host);
      if (epoch === this.#epoch) this.#keep(host, { answer, askedAt });
      return answer;
    } catch (error) {
      const entry = this.#find(host);
      if (
        error instanceof AppError &&
        error.code === 'database_unavailable' &&
        entry !== undefined &&
        askedAt - entry.askedAt < staleMs
      ) {
        return entry.answer;
      }
      throw error;
    }
  }

  #find(host: string): Entry | undefined {
    const young = this.#young.get(host);
    if (young !== undefined) return young;
    const old = this.#old.get(host);
    if (old !== undefined) this.#keep(host, old);
    return old;
  }

  #keep(host: string, entry: Entry): void {
    if (this.#young.size >= generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(host, entry);
  }

  #drop(isConcerned: (answer: RouteAnswer) => boolean): void {
    this.#epoch += 1;
    this.#asking.clear();
    for (const generation of [this.#young, this.#old]) {
      for (const [host, { answer }] of generation) {
        if (isConcerned(answer)) generation.delete(host);
      }
    }
  }
}
