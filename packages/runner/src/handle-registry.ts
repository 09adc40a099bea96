import { randomBytes } from 'node:crypto';
import type { Clock } from '@openworkers/core';
import type { BoundResource } from '@openworkers/db';
import type { Redactor } from './redactor.ts';
import { countedLru } from './weighted-lru.ts';

/** The isolate instance behind a handle. */
export interface Instance {
  readonly tenantId: string;
  readonly workerId: string;
  readonly workerName: string;
  readonly version: number;
  /** What the keys of its `env` are bound to. */
  readonly bindings: ReadonlyMap<string, BoundResource>;
  /** Keeps its secrets out of logs. */
  readonly redactor: Redactor;
}

const maxHandles = 20_000;
const handleBytes = 16;

/**
 * Handles given to one sandbox. What it says about a handle counts for that instance's worker and
 * for no other; a handle it was not given means nothing. Forgotten together with the sandbox.
 */
export class HandleRegistry {
  readonly #instances = countedLru<string, Instance>(maxHandles);
  readonly #clock: Clock;
  #recent: { instance: Instance; issuedAtMs: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A fresh handle that cannot be guessed. */
  issue(instance: Instance): string {
    const handle = randomBytes(handleBytes).toString('hex');
    this.#instances.set(handle, instance);
    this.#recent = [{ instance, issuedAtMs: this.#clock.now() }, ...this.#recent].slice(0, 4);
    return handle;
  }

  find(handle: string): Instance | undefined {
    return this.#instances.get(handle);
  }

  /** The last instances made within so many milliseconds, newest first, at most four. */
  recent(withinMs: number): Instance[] {
    const since = this.#clock.now() - withinMs;
    return this.#recent.filter(({ issuedAtMs }) => issuedAtMs >= since).map((it) => it.instance);
  }
}
