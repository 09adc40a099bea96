import type { CachedResponse } from '@openworkers/sandbox';
import type { HeaderMap } from './flat-headers.ts';
import type { Kept } from './cache-memory.ts';

export interface CacheEntryOptions {
  readonly tenantId: string;
  readonly response: CachedResponse;
  readonly blocks: readonly Buffer[];
  /** What it counts for, in bytes. */
  readonly weight: number;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
  /** What the request had in the headers that `Vary` names. */
  readonly vary: HeaderMap;
  readonly onForgotten: () => void;
  /** Neither kept nor read any more. */
  readonly onReleased: () => void;
}

/** One response that was kept. Its memory counts until nobody reads it any more. */
export class CacheEntry implements Kept {
  readonly tenantId: string;
  readonly response: CachedResponse;
  readonly blocks: readonly Buffer[];
  readonly weight: number;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
  readonly sizeBytes: number;
  readonly #options: CacheEntryOptions;
  #readers = 0;
  #isForgotten = false;

  constructor(options: CacheEntryOptions) {
    this.#options = options;
    this.tenantId = options.tenantId;
    this.response = options.response;
    this.blocks = options.blocks;
    this.weight = options.weight;
    this.storedAtMs = options.storedAtMs;
    this.expiresAtMs = options.expiresAtMs;
    this.sizeBytes = options.blocks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Whether it is the answer to a request with these headers. */
  answers(asked: HeaderMap): boolean {
    for (const [name, value] of this.#options.vary) {
      if ((asked.get(name) ?? '') !== value) return false;
    }
    return true;
  }

  evict(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#options.onForgotten();
    this.#releaseIfUnused();
  }

  /** Somebody reads the body; the answered function, called once, says that it is done. */
  hold(): () => void {
    this.#readers += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#readers -= 1;
      this.#releaseIfUnused();
    };
  }

  #releaseIfUnused(): void {
    if (this.#isForgotten && this.#readers === 0) this.#options.onReleased();
  }
}
