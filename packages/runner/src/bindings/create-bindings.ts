import { platformLimits, type Clock, type Logger } from '@openworkers/core';
import type { Database } from '@openworkers/db';
import type { Postgate } from '@openworkers/postgate';
import type { EgressKinds } from '../egress/channel-desk.ts';
import { BindingDesk } from './binding-desk.ts';
import { DatabaseOperations } from './database/database-operations.ts';
import { KvCache } from './kv/kv-cache.ts';
import { KvOperations } from './kv/kv-operations.ts';
import { KvSweeper } from './kv/kv-sweeper.ts';
import { MemoryBudget } from './memory-budget.ts';
import { AssetsOperations } from './assets/assets-operations.ts';
import { ObjectStores } from './storage/object-stores.ts';
import { StorageOperations } from './storage/storage-operations.ts';
import { TenantTurns } from './tenant-turns.ts';

const MiB = 1024 * 1024;

export interface BindingsOptions {
  /** A pool of their own: what workers do must not keep routes and code from being loaded. */
  readonly database: Database;
  /** Where the platform's own objects are. */
  readonly objectsFolder: string;
  /** Runs the SQL of workers; closed by `stop`. */
  readonly postgate: Postgate;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The trusted side of what `env` gives workers. */
export interface WorkerBindings {
  readonly kinds: Pick<EgressKinds, 'kv' | 'storage' | 'assets' | 'database'>;
  stop(): Promise<void>;
}

export function createBindings(options: BindingsOptions): WorkerBindings {
  const { database, objectsFolder, postgate, clock, log } = options;
  // Of ten connections, so that two tenants can wait for locks of their own and others go on.
  const turns = new TenantTurns({ atOnce: 4, maxWaiting: 2_000 });
  const memory = new MemoryBudget({ tenantBytes: 64 * MiB, totalBytes: 256 * MiB });
  const cache = new KvCache({ clock });
  const kv = new KvOperations({ database, cache, turns, memory, clock, log });
  const databaseTurns = new TenantTurns({
    atOnce: platformLimits.databaseTenantQueries.tenant,
    maxWaiting: 2_000,
  });
  const databases = new DatabaseOperations({ postgate, turns: databaseTurns, memory, log });
  const sweeper = new KvSweeper({ database, log });
  const stores = new ObjectStores({ database, turns, folder: objectsFolder, clock });
  // A turn lasts as long as the content moves, and takes a file or connection, not one of PostgreSQL.
  const storageTurns = new TenantTurns({ atOnce: 64, maxWaiting: 1_000 });
  const storage = { stores, turns: storageTurns, log };
  return {
    kinds: {
      kv: new BindingDesk({ types: ['kv'], binding: kv }),
      storage: new BindingDesk({ types: ['storage'], binding: new StorageOperations(storage) }),
      assets: new BindingDesk({ types: ['assets'], binding: new AssetsOperations(storage) }),
      database: new BindingDesk({ types: ['database'], binding: databases }),
    },
    stop: async () => {
      await sweeper.stop();
      await stores.stop();
      await postgate.close();
    },
  };
}
