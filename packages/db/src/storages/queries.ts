import { randomUUID } from 'node:crypto';
import { AppError, isUuid } from '@openworkers/core';
import type { Selectable } from 'kysely';
import { audit } from '../audit.ts';
import type { Database, Queries } from '../database.ts';
import { assertResourceName, type Actor } from '../environments/queries.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { Schema } from '../schema.ts';
import { sealedFor, type Sealed, type Sealer } from '../sealing/sealer.ts';
import { readS3Location, type S3Location } from './s3-location.ts';

/** A storage as it may be shown: credentials stay sealed, and are not part of it. */
export interface Storage {
  id: string;
  tenantId: string;
  name: string;
  desc: string | undefined;
  provider: 'platform' | 's3';
  /** Of provider `s3`. */
  location: S3Location | undefined;
  createdAt: Date;
  updatedAt: Date;
}

/** Keys of an S3 account. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A storage as the runner needs it. */
export type LoadedStorage =
  { provider: 'platform' } | { provider: 's3'; location: S3Location; credentials: Sealed };

type Row = Selectable<Schema['storages']>;

const columns = [
  'id',
  'tenant_id',
  'name',
  'desc',
  'provider',
  'bucket',
  'prefix',
  'endpoint',
  'region',
  'public_url',
  'created_at',
  'updated_at',
] as const;

/** All storages of a tenant, by name. */
export async function listStorages(queries: Queries, tenantId: string): Promise<Storage[]> {
  const rows = await queries
    .selectFrom('storages')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(toStorage);
}

/** One storage of the tenant by id or by name. */
export async function findStorage(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<Storage | undefined> {
  const row = await queries
    .selectFrom('storages')
    .select(columns)
    .where('tenant_id', '=', key.tenantId)
    .where(isUuid(key.idOrName) ? 'id' : 'name', '=', key.idOrName)
    .executeTakeFirst();
  return row === undefined ? undefined : toStorage(row);
}

/** A storage in the platform's own store. @throws AppError `invalid_name`, `name_taken` */
export async function createPlatformStorage(
  queries: Queries,
  input: Actor & { name: string; desc?: string },
): Promise<Storage> {
  return insert(queries, input, { id: randomUUID(), provider: 'platform' });
}

/** A storage in a bucket of the tenant's. @throws AppError `invalid_name`, `name_taken`, `invalid_input` */
export async function createS3Storage(
  queries: Queries,
  input: Actor & {
    name: string;
    desc?: string;
    location: S3Location;
    credentials: S3Credentials;
    sealer: Sealer;
  },
): Promise<Storage> {
  const id = randomUUID();
  const location = toColumns(readS3Location(input.location));
  const sealed = await sealCredentials(id, input);
  return insert(queries, input, { id, provider: 's3', ...location, ...sealed });
}

/**
 * Changes the name and description of a storage, or the place and keys of an `s3` one; undefined when
 * the tenant has no such storage. What is left out stays.
 *
 * @throws AppError `invalid_name`, `name_taken`; `invalid_input` when a place is given to a platform
 * storage, or another endpoint without its own keys: the old keys are never sent to a new host
 */
export async function updateStorage(
  queries: Queries,
  input: Actor & {
    storageId: string;
    name?: string;
    desc?: string | null;
    s3?: { location?: S3Location; credentials?: S3Credentials; sealer: Sealer };
  },
): Promise<Storage | undefined> {
  const { tenantId, actorId, storageId, name, desc, s3 } = input;
  if (name !== undefined) assertResourceName(name);
  const location = s3?.location === undefined ? undefined : readS3Location(s3.location);
  const { credentials, sealer } = s3 ?? {};
  const sealed =
    credentials === undefined || sealer === undefined
      ? {}
      : await sealCredentials(storageId, { credentials, sealer });
  return naming(name ?? '', () =>
    inTransaction(queries, async (transaction) => {
      const current = await transaction
        .selectFrom('storages')
        .select(['provider', 'endpoint'])
        .where('id', '=', storageId)
        .where('tenant_id', '=', tenantId)
        .forUpdate()
        .executeTakeFirst();
      if (current === undefined) return undefined;
      if (s3 !== undefined && current.provider === 'platform') {
        throw new AppError('invalid_input', 'a platform storage has no place or keys of its own');
      }
      if (location !== undefined && location.endpoint !== current.endpoint && !s3?.credentials) {
        throw new AppError('invalid_input', 'another endpoint needs keys of its own');
      }
      const row = await transaction
        .updateTable('storages')
        .set({
          ...(name !== undefined && { name }),
          ...(desc !== undefined && { desc }),
          ...(location !== undefined && toColumns(location)),
          ...sealed,
          updated_at: new Date(),
        })
        .where('id', '=', storageId)
        .where('tenant_id', '=', tenantId)
        .returning(columns)
        .executeTakeFirstOrThrow();
      const change = { action: 'storage.update', targetId: storageId, details: { name: row.name } };
      await audit(transaction, { tenantId, actorId, ...change });
      return toStorage(row);
    }),
  );
}

/**
 * Deletes a storage; false when the tenant has no such storage. Its objects become unreachable.
 *
 * @throws AppError `resource_in_use` when an environment binds it
 */
export async function deleteStorage(
  queries: Queries,
  key: Actor & { storageId: string },
): Promise<boolean> {
  const { tenantId, actorId, storageId } = key;
  try {
    return await inTransaction(queries, async (transaction) => {
      const deleted = await transaction
        .deleteFrom('storages')
        .where('id', '=', storageId)
        .where('tenant_id', '=', tenantId)
        .returning('name')
        .executeTakeFirst();
      if (deleted === undefined) return false;
      const change = { action: 'storage.delete', targetId: storageId, details: deleted };
      await audit(transaction, { tenantId, actorId, ...change });
      return true;
    });
  } catch (error) {
    if (constraintOf(error) !== 'environment_values_target_storage_id_tenant_id_fkey') throw error;
    throw new AppError('resource_in_use', undefined, { cause: error });
  }
}

/** What an operation of a worker needs to know, in one round trip. @throws AppError `database_unavailable` */
export async function loadStorage(
  database: Database,
  { storageId, tenantId }: { storageId: string; tenantId: string },
): Promise<LoadedStorage | undefined> {
  const { rows } = await database.run<LoadRow>(
    {
      name: 'storage-load',
      text: `select provider, bucket, prefix, endpoint, region, public_url, credentials, key_id
        from storages where id = $1 and tenant_id = $2`,
    },
    [storageId, tenantId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const location = toLocation(row);
  const { credentials, key_id: keyId } = row;
  if (location === undefined || credentials === null || keyId === null) {
    return { provider: 'platform' };
  }
  return { provider: 's3', location, credentials: { ciphertext: credentials, keyId } };
}

/** What the keys of a storage are sealed for. */
export function storageIdentity(storageId: string): string {
  return sealedFor('storages', storageId, 'credentials');
}

type LocationRow = Pick<Row, 'bucket' | 'prefix' | 'endpoint' | 'region' | 'public_url'>;
type LoadRow = LocationRow & Pick<Row, 'provider' | 'credentials' | 'key_id'>;
type Columns = Partial<LocationRow> & { credentials?: Uint8Array; key_id?: string };

async function insert(
  queries: Queries,
  { tenantId, actorId, name, desc }: Actor & { name: string; desc?: string },
  what: Columns & { id: string; provider: Storage['provider'] },
): Promise<Storage> {
  assertResourceName(name);
  return naming(name, () =>
    inTransaction(queries, async (transaction) => {
      const row = await transaction
        .insertInto('storages')
        .values({ ...what, tenant_id: tenantId, name, desc: desc ?? null })
        .returning(columns)
        .executeTakeFirstOrThrow();
      const details = { name, provider: what.provider };
      const change = { action: 'storage.create', targetId: row.id, details };
      await audit(transaction, { tenantId, actorId, ...change });
      return toStorage(row);
    }),
  );
}

async function naming<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (constraintOf(error) !== 'storages_tenant_id_name_key') throw error;
    throw new AppError('name_taken', `there is already a storage "${name}"`, { cause: error });
  }
}

async function sealCredentials(
  storageId: string,
  { credentials, sealer }: { credentials: S3Credentials; sealer: Sealer },
): Promise<{ credentials: Uint8Array; key_id: string }> {
  const { accessKeyId, secretAccessKey } = credentials;
  for (const part of [accessKeyId, secretAccessKey]) {
    // Also what a masked secret looks like: it is not one.
    if (part.length < 1 || part.length > 255 || /\s|^\*+$/.test(part)) {
      throw new AppError('invalid_input', 'an S3 key has 1 to 255 characters and no spaces');
    }
  }
  const text = JSON.stringify({ accessKeyId, secretAccessKey });
  const sealed = await sealer.seal(text, storageIdentity(storageId));
  return { credentials: sealed.ciphertext, key_id: sealed.keyId };
}

function toColumns(location: S3Location): LocationRow {
  const { bucket, endpoint, prefix = null, region = null, publicUrl = null } = location;
  return { bucket, endpoint, prefix, region, public_url: publicUrl };
}

function toLocation(row: LocationRow): S3Location | undefined {
  const { bucket, endpoint, prefix, region, public_url: publicUrl } = row;
  if (bucket === null || endpoint === null) return undefined;
  return {
    bucket,
    endpoint,
    ...(prefix !== null && { prefix }),
    ...(region !== null && { region }),
    ...(publicUrl !== null && { publicUrl }),
  };
}

function toStorage(row: Pick<Row, (typeof columns)[number]>): Storage {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    desc: row.desc ?? undefined,
    provider: row.provider,
    location: toLocation(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
