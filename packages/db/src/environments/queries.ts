import { AppError, isUuid } from '@openworkers/core';
import type { Selectable } from 'kysely';
import { audit } from '../audit.ts';
import type { Queries } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { Schema } from '../schema.ts';

export interface Environment {
  id: string;
  tenantId: string;
  name: string;
  desc: string | undefined;
  createdAt: Date;
  updatedAt: Date;
}

/** Who acts, on whose rows. */
export interface Actor {
  tenantId: string;
  /** The user who does it, for the audit log. */
  actorId: string;
}

const columns = ['id', 'tenant_id', 'name', 'desc', 'created_at', 'updated_at'] as const;

/** All environments of a tenant, by name. */
export async function listEnvironments(queries: Queries, tenantId: string): Promise<Environment[]> {
  const rows = await queries
    .selectFrom('environments')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(toEnvironment);
}

/** Workers linked to an environment, by name. */
export async function listLinkedWorkers(
  queries: Queries,
  owner: { tenantId: string; environmentId: string },
): Promise<{ id: string; name: string | null }[]> {
  return queries
    .selectFrom('workers')
    .select(['id', 'name'])
    .where('tenant_id', '=', owner.tenantId)
    .where('environment_id', '=', owner.environmentId)
    .orderBy('name')
    .execute();
}

/** One environment of the tenant by id or by name. */
export async function findEnvironment(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<Environment | undefined> {
  const row = await queries
    .selectFrom('environments')
    .select(columns)
    .where('tenant_id', '=', key.tenantId)
    .where(isUuid(key.idOrName) ? 'id' : 'name', '=', key.idOrName)
    .executeTakeFirst();
  return row === undefined ? undefined : toEnvironment(row);
}

/** @throws AppError `invalid_name`, `name_taken` */
export async function createEnvironment(
  queries: Queries,
  input: Actor & { name: string; desc?: string },
): Promise<Environment> {
  const { tenantId, actorId, name, desc } = input;
  assertResourceName(name);
  try {
    return await inTransaction(queries, async (transaction) => {
      const row = await transaction
        .insertInto('environments')
        .values({ tenant_id: tenantId, name, desc: desc ?? null })
        .returning(columns)
        .executeTakeFirstOrThrow();
      const change = { action: 'environment.create', targetId: row.id, details: { name } };
      await audit(transaction, { tenantId, actorId, ...change });
      return toEnvironment(row);
    });
  } catch (error) {
    if (constraintOf(error) !== 'environments_tenant_id_name_key') throw error;
    const message = `there is already an environment "${name}"`;
    throw new AppError('name_taken', message, { cause: error });
  }
}

/** Deletes an environment with its values; workers linked to it go on without. */
export async function deleteEnvironment(
  queries: Queries,
  key: Actor & { environmentId: string },
): Promise<boolean> {
  const { tenantId, actorId, environmentId } = key;
  return inTransaction(queries, async (transaction) => {
    const deleted = await transaction
      .deleteFrom('environments')
      .where('id', '=', environmentId)
      .where('tenant_id', '=', tenantId)
      .returning('name')
      .executeTakeFirst();
    if (deleted === undefined) return false;
    const change = { action: 'environment.delete', targetId: environmentId, details: deleted };
    await audit(transaction, { tenantId, actorId, ...change });
    return true;
  });
}

/** Links a worker to an environment of its tenant, or to none. False when there is no such worker. */
export async function linkEnvironment(
  queries: Queries,
  input: Actor & { workerId: string; environmentId: string | undefined },
): Promise<boolean> {
  const { tenantId, actorId, workerId, environmentId = null } = input;
  return inTransaction(queries, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('workers')
      .set({ environment_id: environmentId })
      .where('id', '=', workerId)
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    const change = { action: 'worker.link', targetId: workerId, details: { environmentId } };
    await audit(transaction, { tenantId, actorId, ...change });
    return true;
  });
}

/**
 * Names of environments, namespaces, storages and databases: they may be used instead of ids.
 *
 * @throws AppError `invalid_name`
 */
export function assertResourceName(name: string): void {
  const isUsable = name.trim() === name && name.length >= 1 && name.length <= 100 && !isUuid(name);
  if (isUsable && !/\p{Cc}/u.test(name)) return;
  throw new AppError(
    'invalid_name',
    'a name has 1 to 100 characters, no spaces around it, and is not shaped like an id',
  );
}

function toEnvironment(row: Pick<Selectable<Schema['environments']>, (typeof columns)[number]>) {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    desc: row.desc ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
