import type { Clock } from '@openworkers/core';
import type { CachedResponse } from '@openworkers/sandbox';
import { ByteBlocks } from './byte-blocks.ts';
import { CacheEntry } from './cache-entry.ts';
import { CacheMemory, type CacheMemoryLimits } from './cache-memory.ts';
import { combinedHeaders, flatten, headerPairs, type HeaderMap } from './flat-headers.ts';
import { initialAgeMs, lifetimeMs, privateHeaders } from './storage-rules.ts';

export interface CacheStoreLimits extends CacheMemoryLimits {
  /** Bytes of one body. */
  readonly entryBytes: number;
}

/** What a response is kept under. The tenant comes from a handle, never from a message. */
export interface CacheKey {
  readonly tenantId: string;
  readonly name: string | undefined;
  readonly url: string;
  /** Flat headers of the request, for `Vary`. */
  readonly headers: string;
}

/** Takes a body piece by piece; nothing is found under the key before {@link CacheWriter.finish}. */
export interface CacheWriter {
  /** False when it will not be kept: there is no room, or it is too large. */
  write(bytes: Uint8Array): boolean;
  finish(): void;
  /** The body broke off. */
  abandon(): void;
}

/** Responses in the memory of this process, each tenant's apart, for as long as their headers say. */
export class CacheStore {
  readonly #clock: Clock;
  readonly #limits: CacheStoreLimits;
  readonly #memory: CacheMemory;
  /** Entries of one key differ in what their `Vary` names. */
  readonly #entries = new Map<string, CacheEntry[]>();

  constructor(limits: CacheStoreLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#memory = new CacheMemory(limits);
  }

  /** Bytes of everything kept, being written, or being read. */
  get usedBytes(): number {
    return this.#memory.usedBytes;
  }

  usedBytesOf(tenantId: string): number {
    return this.#memory.usedBytesOf(tenantId);
  }

  /** A fresh entry; the caller holds it while it reads the body. */
  find(key: CacheKey): CacheEntry | undefined {
    const asked = combinedHeaders(key.headers);
    const entry = this.#entries.get(pathOf(key))?.find((each) => each.answers(asked));
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs <= this.#clock.now()) {
      entry.evict();
      return undefined;
    }
    this.#memory.touch(entry);
    return entry;
  }

  /** Undefined when the response may not be kept, or there is no room for it. */
  write(key: CacheKey, response: CachedResponse): CacheWriter | undefined {
    const lifetime = lifetimeMs(response, this.#clock.now());
    if (lifetime <= 0) return undefined;
    const { tenantId } = key;
    const overhead = overheadOf(key, response);
    if (!this.#memory.take(tenantId, overhead)) return undefined;
    const body = new ByteBlocks();
    let taken = overhead;
    let isOpen = true;
    const abandon = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#memory.give(tenantId, taken);
    };
    return {
      abandon,
      write: (bytes) => {
        if (!isOpen) return false;
        const growth = body.growthFor(bytes.length);
        const fits = body.size + bytes.length <= this.#limits.entryBytes;
        if (!fits || !this.#memory.take(tenantId, growth)) {
          abandon();
          return false;
        }
        taken += growth;
        body.append(bytes);
        return true;
      },
      finish: () => {
        if (!isOpen) return;
        isOpen = false;
        const { blocks, freedBytes } = body.finish();
        this.#memory.give(tenantId, freedBytes);
        this.#keep(key, {
          response: { ...response, headers: keptHeaders(response.headers) },
          ageMs: initialAgeMs(response.headers),
          blocks,
          weight: taken - freedBytes,
          expiresAtMs: this.#clock.now() + lifetime,
        });
      },
    };
  }

  /** Whether there was a fresh entry. */
  delete(key: CacheKey): boolean {
    const entry = this.find(key);
    entry?.evict();
    return entry !== undefined;
  }

  #keep(
    key: CacheKey,
    kept: Pick<CacheEntry, 'response' | 'blocks' | 'weight' | 'expiresAtMs'> & { ageMs: number },
  ): void {
    const asked = combinedHeaders(key.headers);
    const path = pathOf(key);
    // The old one is replaced; also one that varied by something else, as the standard says.
    for (const old of this.#entries.get(path) ?? []) if (old.answers(asked)) old.evict();
    const entry: CacheEntry = new CacheEntry({
      ...kept,
      tenantId: key.tenantId,
      storedAtMs: this.#clock.now() - kept.ageMs,
      vary: varyOf(kept.response.headers, asked),
      onForgotten: () => this.#forget(path, entry),
      onReleased: () => this.#memory.give(entry.tenantId, entry.weight),
    });
    this.#memory.add(entry);
    const variants = this.#entries.get(path) ?? [];
    if (variants.length >= maxVariants) variants[0]?.evict();
    this.#entries.set(path, [...(this.#entries.get(path) ?? []), entry]);
  }

  #forget(path: string, entry: CacheEntry): void {
    this.#memory.remove(entry);
    const others = (this.#entries.get(path) ?? []).filter((each) => each !== entry);
    if (others.length === 0) this.#entries.delete(path);
    else this.#entries.set(path, others);
  }
}

/** Entries under one key that differ in what their `Vary` names. */
const maxVariants = 32;
/** What an entry costs beside its texts and its body, in bytes. With 100 000 small ones 2.2 KB each were measured. */
const entryOverheadBytes = 2304;

function overheadOf(key: CacheKey, { headers, statusText }: CachedResponse): number {
  const chars =
    key.url.length * 2 + (key.name?.length ?? 0) * 4 + headers.length + statusText.length;
  // The request's headers may all be named by `Vary`.
  return entryOverheadBytes + chars + key.headers.length;
}

/** Unambiguous: neither a tenant's id nor a URL has a line feed. */
function pathOf({ tenantId, name, url }: CacheKey): string {
  return name === undefined ? `${tenantId}\n${url}` : `${tenantId}\n${url}\n${name}`;
}

function varyOf(headers: string, asked: HeaderMap): HeaderMap {
  const vary = combinedHeaders(headers).get('vary') ?? '';
  const names = vary.split(',').map((name) => name.trim().toLowerCase());
  return new Map(names.filter((name) => name !== '').map((name) => [name, asked.get(name) ?? '']));
}

/** Without what only concerned the connection or one client, and what is said anew. */
function keptHeaders(headers: string): string {
  const dropped = new Set([...unkeptHeaders, ...privateHeaders(combinedHeaders(headers))]);
  return flatten(headerPairs(headers).filter(([name]) => !dropped.has(name)));
}

const unkeptHeaders = [
  'age',
  'cf-cache-status',
  'connection',
  'content-length',
  'content-range',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
