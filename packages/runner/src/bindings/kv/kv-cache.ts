import { platformLimits, type Clock } from '@openworkers/core';
import type { KvEntry, KvScope } from '@openworkers/db';
import { WeightedLru } from '../../weighted-lru.ts';

export interface KvCacheOptions {
  readonly clock: Clock;
  readonly maxBytes?: number;
}

/** What was read, and when. */
interface CachedEntry {
  readonly entry: KvEntry | undefined;
  readonly readAtMs: number;
}

/** Handed out before a read, and asked for when its result is to be kept. */
export interface ReadTicket {
  readonly key: string;
  readonly writes: number;
  readonly startedAtMs: number;
}

const maxEntryBytes = 64 * 1024;
const overheadBytes = 256;
const maxNamespaces = 10_000;

/**
 * Entries that were read a moment ago, in the runner's memory. A write through this runner is seen
 * at once: it drops the entry before and after, and no read that was under way meanwhile is kept. A write
 * through another runner is seen after at most `kvStalenessMs`, counted from the start of the read.
 */
export class KvCache {
  readonly #clock: Clock;
  readonly #entries: WeightedLru<string, CachedEntry>;
  /** Number of writes begun or ended, by namespace. */
  readonly #writes = new Map<string, number>();
  #lastWrite = 0;
  /** Stands for the namespaces that are not in the map. */
  #floor = 0;

  constructor({ clock, maxBytes = 32 * 1024 * 1024 }: KvCacheOptions) {
    this.#clock = clock;
    this.#entries = new WeightedLru({ maxWeight: maxBytes, weigh: weightOf });
  }

  /** `{ entry }` when it is known what is under the key, which may be nothing. */
  find(scope: KvScope, key: string): { readonly entry: KvEntry | undefined } | undefined {
    const name = nameOf(scope, key);
    const cached = this.#entries.get(name);
    if (cached === undefined) return undefined;
    const now = this.#clock.now();
    if (now - cached.readAtMs >= platformLimits.kvStalenessMs.tenant) {
      this.#entries.delete(name);
      return undefined;
    }
    const { entry } = cached;
    const isExpired = entry?.expiresAt !== undefined && entry.expiresAt.getTime() <= now;
    return { entry: isExpired ? undefined : entry };
  }

  beginRead(scope: KvScope, key: string): ReadTicket {
    const writes = this.#writesOf(scope);
    return { key: nameOf(scope, key), writes, startedAtMs: this.#clock.now() };
  }

  endRead(scope: KvScope, ticket: ReadTicket, entry: KvEntry | undefined): void {
    if (this.#writesOf(scope) !== ticket.writes) return;
    if ((entry?.value.byteLength ?? 0) > maxEntryBytes) return;
    this.#entries.set(ticket.key, { entry, readAtMs: ticket.startedAtMs });
  }

  /** Before a write, and again after it. */
  noteWrite(scope: KvScope, key: string): void {
    this.#entries.delete(nameOf(scope, key));
    if (this.#writes.size >= maxNamespaces && !this.#writes.has(scope.namespaceId)) {
      // No number is given out twice, so every read that is under way finds another one.
      this.#lastWrite += 1;
      this.#floor = this.#lastWrite;
      this.#writes.clear();
    }
    this.#lastWrite += 1;
    this.#writes.set(scope.namespaceId, this.#lastWrite);
  }

  #writesOf({ namespaceId }: KvScope): number {
    return this.#writes.get(namespaceId) ?? this.#floor;
  }
}

function nameOf({ namespaceId }: KvScope, key: string): string {
  return `${namespaceId}/${key}`;
}

function weightOf({ entry }: CachedEntry): number {
  return overheadBytes + (entry?.value.byteLength ?? 0) + (entry?.metadata?.length ?? 0);
}
