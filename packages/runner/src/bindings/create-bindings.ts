import type { Clock, Logger } from '@openworkers/core';
import type { Database } from '@openworkers/db';
import type { EgressKinds } from '../egress/channel-desk.ts';
import { BindingDesk } from './binding-desk.ts';
import { KvCache } from './kv/kv-cache.ts';
import { KvOperations } from './kv/kv-operations.ts';
import { KvSweeper } from './kv/kv-sweeper.ts';
import { MemoryBudget } from './memory-budget.ts';
import { TenantTurns } from './tenant-turns.ts';

const MiB = 1024 * 1024;

export interface BindingsOptions {
  /** A pool of their own: what workers do must not keep routes and code from being loaded. */
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The trusted side of what `env` gives workers. */
export interface WorkerBindings {
  readonly kinds: Pick<EgressKinds, 'kv'>;
  stop(): Promise<void>;
}

export function createBindings({ database, clock, log }: BindingsOptions): WorkerBindings {
  // Of ten connections, so that two tenants can wait for locks of their own and others go on.
  const turns = new TenantTurns({ atOnce: 4, maxWaiting: 2_000 });
  const memory = new MemoryBudget({ tenantBytes: 64 * MiB, totalBytes: 256 * MiB });
  const cache = new KvCache({ clock });
  const kv = new KvOperations({ database, cache, turns, memory, clock, log });
  const sweeper = new KvSweeper({ database, log });
  return {
    kinds: { kv: new BindingDesk({ types: ['kv'], binding: kv }) },
    stop: () => sweeper.stop(),
  };
}
