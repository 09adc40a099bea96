export interface CacheMemoryLimits {
  /** Bytes of everybody together. */
  readonly totalBytes: number;
  /** Bytes of one tenant. */
  readonly tenantBytes: number;
  /** Entries of one tenant. */
  readonly tenantEntries: number;
}

/** Something that was kept, as memory and order see it. */
export interface Kept {
  readonly tenantId: string;
  /** What it counts for, in bytes. */
  readonly weight: number;
  /** Forgets it; its bytes are given back then, or when the last reader has them. */
  evict(): void;
}

interface TenantShare {
  usedBytes: number;
  /** Least recently used first. */
  readonly kept: Set<Kept>;
}

/**
 * The memory of all caches: what is kept, what is being written, and what is still being read
 * after it was forgotten. Room is made by forgetting what was not used for longest: of the tenant
 * that needs it, and of everybody when all of it is in use.
 */
export class CacheMemory {
  readonly #limits: CacheMemoryLimits;
  readonly #shares = new Map<string, TenantShare>();
  readonly #kept = new Set<Kept>();
  #usedBytes = 0;

  constructor(limits: CacheMemoryLimits) {
    this.#limits = limits;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  usedBytesOf(tenantId: string): number {
    return this.#shares.get(tenantId)?.usedBytes ?? 0;
  }

  /** False, and nothing is taken, when there is no such room. */
  take(tenantId: string, bytes: number): boolean {
    const share = this.#shareOf(tenantId);
    const { tenantBytes, totalBytes } = this.#limits;
    const hasRoom =
      makeRoom(share.kept, () => share.usedBytes + bytes <= tenantBytes) &&
      makeRoom(this.#kept, () => this.#usedBytes + bytes <= totalBytes);
    if (hasRoom) {
      share.usedBytes += bytes;
      this.#usedBytes += bytes;
    }
    this.#dropIfEmpty(tenantId, share);
    return hasRoom;
  }

  give(tenantId: string, bytes: number): void {
    const share = this.#shareOf(tenantId);
    share.usedBytes -= bytes;
    this.#usedBytes -= bytes;
    this.#dropIfEmpty(tenantId, share);
  }

  /** From now on it may be forgotten to make room; its weight has been taken. */
  add(kept: Kept): void {
    const share = this.#shareOf(kept.tenantId);
    makeRoom(share.kept, () => share.kept.size < this.#limits.tenantEntries);
    share.kept.add(kept);
    this.#kept.add(kept);
  }

  /** It was used just now. */
  touch(kept: Kept): void {
    if (!this.#kept.delete(kept)) return;
    this.#kept.add(kept);
    const { kept: own } = this.#shareOf(kept.tenantId);
    own.delete(kept);
    own.add(kept);
  }

  /** It is not kept any more; its weight is still taken. */
  remove(kept: Kept): void {
    this.#kept.delete(kept);
    this.#shares.get(kept.tenantId)?.kept.delete(kept);
  }

  #shareOf(tenantId: string): TenantShare {
    let share = this.#shares.get(tenantId);
    if (share === undefined) {
      share = { usedBytes: 0, kept: new Set() };
      this.#shares.set(tenantId, share);
    }
    return share;
  }

  #dropIfEmpty(tenantId: string, share: TenantShare): void {
    if (share.usedBytes === 0 && share.kept.size === 0) this.#shares.delete(tenantId);
  }
}

function makeRoom(kept: ReadonlySet<Kept>, isEnough: () => boolean): boolean {
  for (const oldest of kept) {
    if (isEnough()) return true;
    oldest.evict();
  }
  return isEnough();
}
