import {
  createPlatformStorage,
  createS3Storage,
  deleteStorage,
  findStorage,
  listStorages,
  type Actor,
  type Queries,
  type Sealer,
  type Storage,
} from '@openworkers/db';
import type { NewStorage, StorageBackend, StorageResource } from './storage-backend.ts';

const mask = '********';

/** Object storages, straight from PostgreSQL; the objects themselves are not touched. */
export class DirectStorage implements StorageBackend {
  readonly #queries: Queries;
  readonly #actor: Actor;
  readonly #sealer: Sealer;

  constructor({ queries, actor, sealer }: { queries: Queries; actor: Actor; sealer: Sealer }) {
    this.#queries = queries;
    this.#actor = actor;
    this.#sealer = sealer;
  }

  async list(): Promise<StorageResource[]> {
    return (await listStorages(this.#queries, this.#actor.tenantId)).map(toResource);
  }

  async find(idOrName: string): Promise<StorageResource | undefined> {
    const { tenantId } = this.#actor;
    const found = await findStorage(this.#queries, { tenantId, idOrName });
    return found && toResource(found);
  }

  async create({ name, description, s3 }: NewStorage): Promise<StorageResource> {
    const desc = description === undefined ? {} : { desc: description };
    const named = { ...this.#actor, name, ...desc };
    if (s3 === undefined) return toResource(await createPlatformStorage(this.#queries, named));
    const { accessKeyId, secretAccessKey, ...location } = s3;
    const credentials = { accessKeyId, secretAccessKey };
    const sealer = this.#sealer;
    const place = { location, credentials, sealer };
    return toResource(await createS3Storage(this.#queries, { ...named, ...place }));
  }

  delete({ id }: StorageResource): Promise<boolean> {
    return deleteStorage(this.#queries, { ...this.#actor, storageId: id });
  }
}

function toResource(storage: Storage): StorageResource {
  const { id, name, desc = null, provider, location, createdAt, updatedAt } = storage;
  return {
    id,
    name,
    desc,
    provider,
    ...(location !== undefined && { ...location, accessKeyId: mask, secretAccessKey: mask }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
