import { AppError, isUuid } from '@openworkers/core';
import type { Selectable } from 'kysely';
import { audit } from '../audit.ts';
import type { Queries } from '../database.ts';
import { assertResourceName, type Actor } from '../environments/queries.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { Schema } from '../schema.ts';

export interface KvNamespace {
  id: string;
  tenantId: string;
  name: string;
  desc: string | undefined;
  createdAt: Date;
  updatedAt: Date;
}

const columns = ['id', 'tenant_id', 'name', 'desc', 'created_at', 'updated_at'] as const;

/** All namespaces of a tenant, by name. */
export async function listKvNamespaces(queries: Queries, tenantId: string): Promise<KvNamespace[]> {
  const rows = await queries
    .selectFrom('kv_namespaces')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(toNamespace);
}

/** One namespace of the tenant by id or by name. */
export async function findKvNamespace(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<KvNamespace | undefined> {
  const row = await queries
    .selectFrom('kv_namespaces')
    .select(columns)
    .where('tenant_id', '=', key.tenantId)
    .where(isUuid(key.idOrName) ? 'id' : 'name', '=', key.idOrName)
    .executeTakeFirst();
  return row === undefined ? undefined : toNamespace(row);
}

/** @throws AppError `invalid_name`, `name_taken` */
export async function createKvNamespace(
  queries: Queries,
  input: Actor & { name: string; desc?: string },
): Promise<KvNamespace> {
  const { tenantId, actorId, name, desc } = input;
  assertResourceName(name);
  try {
    return await inTransaction(queries, async (transaction) => {
      const row = await transaction
        .insertInto('kv_namespaces')
        .values({ tenant_id: tenantId, name, desc: desc ?? null })
        .returning(columns)
        .executeTakeFirstOrThrow();
      const change = { action: 'kv.create', targetId: row.id, details: { name } };
      await audit(transaction, { tenantId, actorId, ...change });
      return toNamespace(row);
    });
  } catch (error) {
    if (constraintOf(error) !== 'kv_namespaces_tenant_id_name_key') throw error;
    const message = `there is already a namespace "${name}"`;
    throw new AppError('name_taken', message, { cause: error });
  }
}

/**
 * Deletes a namespace with all its entries; false when the tenant has no such namespace.
 *
 * @throws AppError `resource_in_use` when an environment binds it
 */
export async function deleteKvNamespace(
  queries: Queries,
  key: Actor & { namespaceId: string },
): Promise<boolean> {
  const { tenantId, actorId, namespaceId } = key;
  try {
    return await inTransaction(queries, async (transaction) => {
      const deleted = await transaction
        .deleteFrom('kv_namespaces')
        .where('id', '=', namespaceId)
        .where('tenant_id', '=', tenantId)
        .returning('name')
        .executeTakeFirst();
      if (deleted === undefined) return false;
      const change = { action: 'kv.delete', targetId: namespaceId, details: deleted };
      await audit(transaction, { tenantId, actorId, ...change });
      return true;
    });
  } catch (error) {
    if (constraintOf(error) !== 'environment_values_target_kv_id_tenant_id_fkey') throw error;
    throw new AppError('resource_in_use', undefined, { cause: error });
  }
}

function toNamespace(row: Pick<Selectable<Schema['kv_namespaces']>, (typeof columns)[number]>) {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    desc: row.desc ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
