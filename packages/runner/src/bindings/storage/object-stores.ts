import { join } from 'node:path';
import type { Clock } from '@openworkers/core';
import { loadStorage, type Database } from '@openworkers/db';
import { EgressRefusal } from '../../egress/egress-refusal.ts';
import type { TenantTurns } from '../tenant-turns.ts';
import { FolderStore } from './folder/folder-store.ts';
import type { ObjectStore } from './object-store.ts';

export interface ObjectStoresOptions {
  readonly database: Database;
  /** For the connections to PostgreSQL. */
  readonly turns: TenantTurns;
  /** Where the platform's own objects are: a folder for each storage. */
  readonly folder: string;
  readonly clock: Clock;
}

/** Finds the store behind a storage; which one it is comes from PostgreSQL, every time. */
export class ObjectStores {
  readonly #options: ObjectStoresOptions;
  readonly #folders = new Map<string, Promise<FolderStore>>();

  constructor(options: ObjectStoresOptions) {
    this.#options = options;
  }

  /** @throws EgressRefusal when there is no such storage any more */
  async find(scope: { tenantId: string; targetId: string }): Promise<ObjectStore> {
    const { tenantId, targetId: storageId } = scope;
    const { database, turns } = this.#options;
    const storage = await turns.run(tenantId, () => loadStorage(database, { tenantId, storageId }));
    if (storage === undefined) throw new EgressRefusal('There is no such storage any more');
    if (storage.provider === 's3') {
      throw new EgressRefusal('Storages of provider s3 cannot be reached yet');
    }
    return this.#openFolder(storageId);
  }

  async stop(): Promise<void> {
    for (const opening of this.#folders.values()) (await opening).close();
    this.#folders.clear();
  }

  #openFolder(storageId: string): Promise<FolderStore> {
    const known = this.#folders.get(storageId);
    if (known !== undefined) return known;
    const { folder, clock } = this.#options;
    const opening = FolderStore.open(join(folder, storageId), clock);
    this.#folders.set(storageId, opening);
    opening.catch(() => this.#folders.delete(storageId));
    return opening;
  }
}
