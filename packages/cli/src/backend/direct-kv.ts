import { AppError, platformLimits } from '@openworkers/core';
import {
  createKvNamespace,
  deleteKvEntries,
  deleteKvNamespace,
  findKvNamespace,
  getKvEntry,
  listKvEntries,
  listKvNamespaces,
  putKvEntry,
  type Actor,
  type Database,
  type KvNamespace,
  type KvScope,
} from '@openworkers/db';
import type {
  KvBackend,
  KvKeyQuery,
  KvKeyResource,
  KvNamespaceResource,
  NewKvEntry,
} from './kv-backend.ts';

/** Key-value namespaces, straight from PostgreSQL. Runners notice a change of an entry within a second. */
export class DirectKv implements KvBackend {
  readonly #database: Database;
  readonly #actor: Actor;

  constructor(database: Database, actor: Actor) {
    this.#database = database;
    this.#actor = actor;
  }

  async list(): Promise<KvNamespaceResource[]> {
    const found = await listKvNamespaces(this.#database.queries, this.#actor.tenantId);
    return found.map(toResource);
  }

  async find(idOrName: string): Promise<KvNamespaceResource | undefined> {
    const { tenantId } = this.#actor;
    const found = await findKvNamespace(this.#database.queries, { tenantId, idOrName });
    return found && toResource(found);
  }

  async create(input: { name: string; description?: string }): Promise<KvNamespaceResource> {
    const { name, description } = input;
    const desc = description === undefined ? {} : { desc: description };
    const { queries } = this.#database;
    return toResource(await createKvNamespace(queries, { ...this.#actor, name, ...desc }));
  }

  delete({ id }: KvNamespaceResource): Promise<boolean> {
    return deleteKvNamespace(this.#database.queries, { ...this.#actor, namespaceId: id });
  }

  async getKey(namespace: KvNamespaceResource, key: string): Promise<Uint8Array | undefined> {
    return (await getKvEntry(this.#database, { ...this.#scope(namespace), key }))?.value;
  }

  async putKey(namespace: KvNamespaceResource, entry: NewKvEntry): Promise<void> {
    const { key, expiresInSeconds } = entry;
    assertKey(key);
    const value = typeof entry.value === 'string' ? Buffer.from(entry.value) : entry.value;
    const maxBytes = platformLimits.kvValueBytes.tenant;
    if (value.byteLength > maxBytes) {
      throw new AppError('invalid_input', `a value has at most ${maxBytes} bytes`);
    }
    await putKvEntry(this.#database, {
      ...this.#scope(namespace),
      key,
      value,
      encoding: typeof entry.value === 'string' ? 'text' : 'bytes',
      metadata: undefined,
      expiresAt:
        expiresInSeconds === undefined ? undefined : new Date(Date.now() + expiresInSeconds * 1000),
    });
  }

  async deleteKey(namespace: KvNamespaceResource, key: string): Promise<boolean> {
    const keys = [key];
    return (await deleteKvEntries(this.#database, { ...this.#scope(namespace), keys })) > 0;
  }

  async listKeys(namespace: KvNamespaceResource, query: KvKeyQuery): Promise<KvKeyResource[]> {
    const items = await listKvEntries(this.#database, { ...this.#scope(namespace), ...query });
    return items.map(({ key, expiresAt }) => ({
      key,
      expiresAt: expiresAt?.toISOString() ?? null,
    }));
  }

  #scope({ id }: KvNamespaceResource): KvScope {
    return { tenantId: this.#actor.tenantId, namespaceId: id };
  }
}

function assertKey(key: string): void {
  const maxBytes = platformLimits.kvKeyBytes.tenant;
  if (key !== '' && Buffer.byteLength(key) <= maxBytes && !key.includes('\0')) return;
  throw new AppError('invalid_input', `a key has 1 to ${maxBytes} bytes, and no U+0000`);
}

function toResource(namespace: KvNamespace): KvNamespaceResource {
  const { id, name, desc = null, createdAt, updatedAt } = namespace;
  return {
    id,
    name,
    desc,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
