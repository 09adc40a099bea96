import { SqlFailure } from '../sql-failure.ts';
import type { Session } from './session.ts';

export interface SessionPoolOptions {
  readonly maxConnections: number;
  readonly maxPerDatabase: number;
  readonly maxWaiting: number;
  readonly waitMs: number;
  readonly idleMs: number;
}

interface Entry {
  readonly key: string;
  /** Undefined while connecting. */
  session: Session | undefined;
  isIdle: boolean;
  idleSinceMs: number;
}

interface Waiter {
  readonly key: string;
  readonly go: (entry: Entry) => void;
}

/** Connections to tenants' databases: few for each, bounded in all, closed when nobody uses them. */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #entries = new Set<Entry>();
  readonly #waiting = new Set<Waiter>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#closeIdle(), options.idleMs / 4);
    this.#timer.unref();
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * A connection for one user alone.
   *
   * @throws SqlFailure when none becomes free in time; whatever `connect` throws
   */
  async take(
    key: string,
    { connect, signal }: { connect: () => Promise<Session>; signal: AbortSignal },
  ): Promise<Session> {
    const entry = this.#find(key) ?? (await this.#wait(key, signal));
    entry.isIdle = false;
    if (entry.session !== undefined && !entry.session.isBroken) return entry.session;
    try {
      entry.session = await connect();
      return entry.session;
    } catch (error) {
      this.#remove(entry);
      throw error;
    }
  }

  /** Takes a connection back, once nothing is left in it of what ran. */
  give(session: Session): void {
    const entry = this.#entryOf(session);
    if (entry === undefined) return;
    if (session.isBroken) return this.#remove(entry);
    entry.isIdle = true;
    entry.idleSinceMs = performance.now();
    this.#serve();
  }

  /** For a connection that nobody shall use again. */
  drop(session: Session): void {
    session.destroy();
    const entry = this.#entryOf(session);
    if (entry !== undefined) this.#remove(entry);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const sessions = [...this.#entries].flatMap(({ session }) => session ?? []);
    await Promise.all(sessions.map((session) => session.close()));
    this.#entries.clear();
  }

  #find(key: string): Entry | undefined {
    const { maxConnections, maxPerDatabase } = this.#options;
    let count = 0;
    let oldest: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.isIdle && entry.session?.isBroken === true) {
        this.#entries.delete(entry);
        continue;
      }
      if (entry.key === key && entry.isIdle) return entry;
      if (entry.key === key) count += 1;
      else if (entry.isIdle && (oldest?.idleSinceMs ?? Infinity) > entry.idleSinceMs)
        oldest = entry;
    }
    if (count >= maxPerDatabase) return undefined;
    if (this.#entries.size >= maxConnections) {
      if (oldest === undefined) return undefined;
      this.#discard(oldest);
    }
    const fresh: Entry = { key, session: undefined, isIdle: false, idleSinceMs: 0 };
    this.#entries.add(fresh);
    return fresh;
  }

  #wait(key: string, signal: AbortSignal): Promise<Entry> {
    if (this.#waiting.size >= this.#options.maxWaiting) throw tooBusy();
    return new Promise((resolve, reject) => {
      const stop = (error: unknown): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(waiter);
        if (error !== undefined) reject(error instanceof Error ? error : new Error('aborted'));
      };
      const abort = (): void => stop(signal.reason);
      const timer = setTimeout(() => stop(tooBusy()), this.#options.waitMs);
      const waiter: Waiter = {
        key,
        go: (entry) => {
          stop(undefined);
          resolve(entry);
        },
      };
      signal.addEventListener('abort', abort);
      this.#waiting.add(waiter);
    });
  }

  /** In the order of arrival, but nobody waits for somebody else's database. */
  #serve(): void {
    for (const waiter of this.#waiting) {
      const entry = this.#find(waiter.key);
      if (entry === undefined) continue;
      entry.isIdle = false;
      waiter.go(entry);
    }
  }

  #entryOf(session: Session): Entry | undefined {
    for (const entry of this.#entries) if (entry.session === session) return entry;
    return undefined;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    this.#serve();
  }

  #discard(entry: Entry): void {
    this.#entries.delete(entry);
    void entry.session?.close().catch(() => undefined); // it was of no use any more
  }

  #closeIdle(): void {
    const before = performance.now() - this.#options.idleMs;
    for (const entry of this.#entries) {
      if (entry.isIdle && entry.idleSinceMs < before) this.#discard(entry);
    }
  }
}

function tooBusy(): SqlFailure {
  return new SqlFailure('Too many queries at once. Try again shortly', { code: '53300' });
}
