import { AppError } from '@openworkers/core';
import { loadVersion, type LoadedVersion, type Queries } from '@openworkers/db';
import { WeightedLru } from './weighted-lru.ts';

export interface VersionName {
  readonly workerId: string;
  readonly version: number;
}

export interface VersionStoreOptions {
  readonly queries: Queries;
  /** Code and source maps kept in memory, in bytes. */
  readonly maxBytes?: number;
}

const overheadBytes = 1024;

/** Code of versions, from PostgreSQL through a byte-bounded cache. Versions never change. */
export class VersionStore {
  readonly #queries: Queries;
  readonly #cache: WeightedLru<string, LoadedVersion>;
  readonly #loads = new Map<string, Promise<LoadedVersion>>();

  constructor({ queries, maxBytes = 256 * 1024 * 1024 }: VersionStoreOptions) {
    this.#queries = queries;
    this.#cache = new WeightedLru({ maxWeight: maxBytes, weigh: sizeOf });
  }

  /**
   * One version; concurrent calls for it share one query.
   *
   * @throws AppError `worker_not_deployed` when there is no such version (any more),
   * `database_unavailable`
   */
  load(name: VersionName): Promise<LoadedVersion> {
    const key = `${name.workerId}:${name.version}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return Promise.resolve(cached);
    const running = this.#loads.get(key);
    if (running !== undefined) return running;
    const load = this.#loadOnce(name, key).finally(() => this.#loads.delete(key));
    this.#loads.set(key, load);
    return load;
  }

  /** Starts loading what will be asked for next; a failure is for whoever asks then. */
  prefetch(name: VersionName): void {
    this.load(name).catch(() => undefined);
  }

  async #loadOnce(name: VersionName, key: string): Promise<LoadedVersion> {
    const version = await loadVersion(this.#queries, name);
    if (version === undefined) throw new AppError('worker_not_deployed');
    this.#cache.set(key, version);
    return version;
  }
}

function sizeOf({ code, sourceMap }: LoadedVersion): number {
  return code.byteLength + (sourceMap?.byteLength ?? 0) + overheadBytes;
}
