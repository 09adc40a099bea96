import { AppError, assertWorkerName, isUuid } from '@openworkers/core';
import { audit } from '../audit.ts';
import type { Queries } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';

export interface Worker {
  id: string;
  tenantId: string;
  /** Undefined for a worker that is reached only through a project. */
  name: string | undefined;
  desc: string | undefined;
  environment: { id: string; name: string } | undefined;
  /** The version that serves (the one with the largest share), if any is deployed. */
  currentVersion: number | undefined;
  createdAt: Date;
  updatedAt: Date;
}

export interface CreateWorkerInput {
  tenantId: string;
  name: string;
  desc?: string;
  /** The user who does it, for the audit log. */
  actorId: string;
}

/** All workers of a tenant, newest first. */
export async function listWorkers(queries: Queries, tenantId: string): Promise<Worker[]> {
  const rows = await selectWorkers(queries, tenantId)
    .orderBy('workers.created_at', 'desc')
    .orderBy('workers.id')
    .execute();
  return rows.map(toWorker);
}

/** One worker of the tenant by id or by name. */
export async function findWorker(
  queries: Queries,
  key: { tenantId: string; idOrName: string },
): Promise<Worker | undefined> {
  const column = isUuid(key.idOrName) ? 'workers.id' : 'workers.name';
  const row = await selectWorkers(queries, key.tenantId)
    .where(column, '=', key.idOrName)
    .executeTakeFirst();
  return row === undefined ? undefined : toWorker(row);
}

/**
 * Creates a worker without a version.
 *
 * @throws AppError `invalid_name`, `name_reserved`, `name_taken`
 */
export async function createWorker(queries: Queries, input: CreateWorkerInput): Promise<Worker> {
  const { tenantId, name, desc, actorId } = input;
  assertWorkerName(name);
  try {
    return await inTransaction(queries, async (transaction) => {
      const { id } = await transaction
        .insertInto('workers')
        .values({ tenant_id: tenantId, name, desc: desc ?? null })
        .returning('id')
        .executeTakeFirstOrThrow();
      await audit(transaction, {
        tenantId,
        actorId,
        action: 'worker.create',
        targetId: id,
        details: { name },
      });
      const row = await selectWorkers(transaction, tenantId)
        .where('workers.id', '=', id)
        .executeTakeFirstOrThrow();
      return toWorker(row);
    });
  } catch (error) {
    if (constraintOf(error) !== 'names_pkey') throw error;
    throw new AppError('name_taken', `the name "${name}" is already in use`, { cause: error });
  }
}

/**
 * Deletes a worker with its versions and domains; false when the tenant has no such worker.
 *
 * @throws AppError `worker_in_use` when an environment binds it
 */
export async function deleteWorker(
  queries: Queries,
  key: { tenantId: string; workerId: string; actorId: string },
): Promise<boolean> {
  const { tenantId, workerId, actorId } = key;
  try {
    return await inTransaction(queries, async (transaction) => {
      const deleted = await transaction
        .deleteFrom('workers')
        .where('id', '=', workerId)
        .where('tenant_id', '=', tenantId)
        .returning('name')
        .executeTakeFirst();
      if (deleted === undefined) return false;
      const change = { action: 'worker.delete', targetId: workerId, details: deleted };
      await audit(transaction, { tenantId, actorId, ...change });
      return true;
    });
  } catch (error) {
    if (constraintOf(error) !== 'environment_values_target_worker_id_tenant_id_fkey') throw error;
    throw new AppError('worker_in_use', undefined, { cause: error });
  }
}

function selectWorkers(queries: Queries, tenantId: string) {
  return queries
    .selectFrom('workers')
    .leftJoin('environments', 'environments.id', 'workers.environment_id')
    .where('workers.tenant_id', '=', tenantId)
    .select([
      'workers.id',
      'workers.tenant_id',
      'workers.name',
      'workers.desc',
      'workers.environment_id',
      'workers.created_at',
      'workers.updated_at',
      'environments.name as environment_name',
    ])
    .select((eb) =>
      eb
        .selectFrom('worker_serving')
        .whereRef('worker_serving.worker_id', '=', 'workers.id')
        .select('worker_serving.version')
        .orderBy('worker_serving.percent', 'desc')
        .orderBy('worker_serving.version', 'desc')
        .limit(1)
        .as('current_version'),
    );
}

type WorkerRow = Awaited<ReturnType<ReturnType<typeof selectWorkers>['execute']>>[number];

function toWorker(row: WorkerRow): Worker {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name ?? undefined,
    desc: row.desc ?? undefined,
    environment:
      row.environment_id === null || row.environment_name === null
        ? undefined
        : { id: row.environment_id, name: row.environment_name },
    currentVersion: row.current_version ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
