import { loadEnvironment, type LoadedEnvironment, type Queries } from '@openworkers/db';
import { WeightedLru } from './weighted-lru.ts';

export interface EnvironmentRevision {
  readonly environmentId: string;
  readonly revision: number;
}

export interface EnvironmentStoreOptions {
  readonly queries: Queries;
  /** Values kept in memory, in bytes. */
  readonly maxBytes?: number;
}

const overheadBytes = 512;

/** Values of environments. Each revision is read once, and never again while it is the newest. */
export class EnvironmentStore {
  readonly #queries: Queries;
  readonly #cache: WeightedLru<string, LoadedEnvironment>;
  readonly #loads = new Map<string, Promise<LoadedEnvironment | undefined>>();

  constructor({ queries, maxBytes = 64 * 1024 * 1024 }: EnvironmentStoreOptions) {
    this.#queries = queries;
    this.#cache = new WeightedLru({ maxWeight: maxBytes, weigh: sizeOf });
  }

  /**
   * The environment at that revision or a newer one; undefined when it was deleted.
   *
   * @throws AppError `database_unavailable`
   */
  load({ environmentId, revision }: EnvironmentRevision): Promise<LoadedEnvironment | undefined> {
    const cached = this.#cache.get(environmentId);
    if (cached !== undefined && cached.revision >= revision) return Promise.resolve(cached);
    // A load in progress may have begun before the change that made this revision.
    const key = `${environmentId}:${revision}`;
    const running = this.#loads.get(key);
    if (running !== undefined) return running;
    const load = this.#loadOnce(environmentId).finally(() => this.#loads.delete(key));
    this.#loads.set(key, load);
    return load;
  }

  async #loadOnce(environmentId: string): Promise<LoadedEnvironment | undefined> {
    const environment = await loadEnvironment(this.#queries, environmentId);
    if (environment === undefined) return undefined;
    const cached = this.#cache.get(environmentId);
    const isNewest = cached === undefined || cached.revision <= environment.revision;
    if (isNewest) this.#cache.set(environmentId, environment);
    return environment;
  }
}

function sizeOf({ values }: LoadedEnvironment): number {
  let bytes = overheadBytes;
  for (const entry of values) {
    bytes += entry.key.length + 64;
    if (entry.type === 'var') bytes += entry.value.length;
    if (entry.type === 'secret') bytes += entry.ciphertext.byteLength;
  }
  return bytes;
}
