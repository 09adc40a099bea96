import type { WorkerLimits } from '@openworkers/core';
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Queries } from '../database.ts';
import type { Schema } from '../schema.ts';
import type { CodeType } from '../versions/queries.ts';
import { limitColumns, mergeLimits, type LimitOverrides } from './limit-overrides.ts';

export interface ServingVersion {
  version: number;
  /** Share of requests, 1 to 100; the shares of a worker add up to 100. */
  percent: number;
}

/** What a host leads to. */
export interface Route {
  workerId: string;
  /** Name of the worker; undefined for one without a host of its own. */
  workerName: string | undefined;
  tenantId: string;
  /** Empty when nothing is deployed yet; highest version first. */
  serving: ServingVersion[];
  environmentId: string | undefined;
  /** Grows with every change of a value; 0 without an environment. */
  environmentRevision: number;
  /** The platform's defaults with the worker's own overrides. */
  limits: WorkerLimits;
  isSystem: boolean;
}

export interface LoadedVersion {
  workerId: string;
  tenantId: string;
  version: number;
  /** SHA-256 of the code, hex. */
  hash: string;
  codeType: CodeType;
  code: Uint8Array;
  sourceMap: Uint8Array | undefined;
}

/** One key of `env`. Secrets arrive sealed; `id` names the row they are sealed for. */
export type EnvironmentValue =
  | { type: 'var'; key: string; value: string }
  | { type: 'secret'; key: string; id: string; ciphertext: Uint8Array; keyId: string }
  | BoundResource;

/** Which of the two sets of methods the binding has. */
export type BindingShape = 'openworkers' | 'cloudflare';

/** A key of `env` that stands for something of the same tenant. */
export interface BoundResource {
  type: 'assets' | 'storage' | 'kv' | 'database' | 'worker';
  key: string;
  shape: BindingShape;
  /** Of the worker, namespace, storage or database. */
  targetId: string;
}

export interface LoadedEnvironment {
  environmentId: string;
  tenantId: string;
  revision: number;
  values: EnvironmentValue[];
}

/** The worker of that name: the label before the base domain. */
export async function findRouteByName(queries: Queries, name: string): Promise<Route | undefined> {
  return findRoute(queries, sql`select worker_id from names where name = ${name}`);
}

/** The worker of that id, as bindings name it. */
export async function findRouteById(queries: Queries, id: string): Promise<Route | undefined> {
  return findRoute(queries, sql`${id}::uuid`);
}

/** The worker behind a verified custom domain; `host` in lower case, without a port. */
export async function findRouteByDomain(
  queries: Queries,
  host: string,
): Promise<Route | undefined> {
  return findRoute(
    queries,
    sql`select worker_id from domains where name = ${host} and verified_at is not null`,
  );
}

/** A preview: like `findRouteByName`, but `serving` is this version alone; undefined without it. */
export async function findRouteVersion(
  queries: Queries,
  key: { name: string; version: number },
): Promise<Route | undefined> {
  const { name, version } = key;
  const route = await findRoute(
    queries,
    sql`select worker_id from worker_versions
        where worker_id = (select worker_id from names where name = ${name})
          and version = ${version}`,
  );
  return route === undefined ? undefined : { ...route, serving: [{ version, percent: 100 }] };
}

/** Code of one version; undefined when it was removed. */
export async function loadVersion(
  queries: Queries,
  key: { workerId: string; version: number },
): Promise<LoadedVersion | undefined> {
  const row = await queries
    .selectFrom('worker_versions')
    .select(['tenant_id', 'hash', 'code_type', 'code', 'source_map'])
    .where('worker_id', '=', key.workerId)
    .where('version', '=', key.version)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    workerId: key.workerId,
    tenantId: row.tenant_id,
    version: key.version,
    hash: row.hash,
    codeType: row.code_type,
    code: row.code,
    sourceMap: row.source_map ?? undefined,
  };
}

/** Values of an environment, sorted by key, read in one snapshot with the revision. */
export async function loadEnvironment(
  queries: Queries,
  environmentId: string,
): Promise<LoadedEnvironment | undefined> {
  // One statement is one snapshot: values and revision fit together.
  const rows = await queries
    .selectFrom('environments')
    .leftJoin('environment_values', 'environment_values.environment_id', 'environments.id')
    .where('environments.id', '=', environmentId)
    .select([
      'environments.tenant_id',
      'environments.revision',
      'environment_values.id',
      'environment_values.key',
      'environment_values.type',
      'environment_values.shape',
      'environment_values.value',
      'environment_values.ciphertext',
      'environment_values.key_id',
      sql<
        string | null
      >`coalesce(target_worker_id, target_kv_id, target_storage_id, target_database_id)`.as(
        'target_id',
      ),
    ])
    .orderBy('environment_values.key')
    .execute();
  const [first] = rows;
  if (first === undefined) return undefined;
  const values = rows.flatMap((row) => toValue(row) ?? []);
  return { environmentId, tenantId: first.tenant_id, revision: first.revision, values };
}

interface RouteRow extends LimitOverrides {
  workerId: string;
  workerName: string | null;
  tenantId: string;
  serving: ServingVersion[];
  environmentId: string | null;
  environmentRevision: number;
  isSystem: boolean;
}

/** Everything about the worker whose id `workerId` selects, in one round trip. */
async function findRoute(
  queries: Queries,
  workerId: RawBuilder<unknown>,
): Promise<Route | undefined> {
  const { rows } = await sql<RouteRow>`
    select w.id as "workerId", w.name as "workerName", w.tenant_id as "tenantId",
      w.is_system as "isSystem", w.environment_id as "environmentId",
      coalesce(e.revision, 0) as "environmentRevision",
      coalesce((
        select json_agg(json_build_object('version', s.version, 'percent', s.percent)
          order by s.version desc)
        from worker_serving s where s.worker_id = w.id
      ), '[]') as "serving",
      ${limitColumns}
    from workers w
    left join environments e on e.id = w.environment_id
    left join worker_limits l on l.worker_id = w.id
    where w.id = (${workerId})`.execute(queries);
  const [row] = rows;
  return row === undefined ? undefined : toRoute(row);
}

function toRoute(row: RouteRow): Route {
  return {
    workerId: row.workerId,
    workerName: row.workerName ?? undefined,
    tenantId: row.tenantId,
    serving: row.serving,
    environmentId: row.environmentId ?? undefined,
    environmentRevision: row.environmentRevision,
    limits: mergeLimits(row.isSystem, row),
    isSystem: row.isSystem,
  };
}

interface ValueRow {
  id: string | null;
  key: string | null;
  type: Selectable<Schema['environment_values']>['type'] | null;
  shape: BindingShape | null;
  value: string | null;
  ciphertext: Uint8Array | null;
  key_id: string | null;
  target_id: string | null;
}

/** Undefined for the row of an environment without values. */
function toValue(row: ValueRow): EnvironmentValue | undefined {
  const { id, key, type, shape, value, ciphertext, key_id: keyId, target_id: targetId } = row;
  if (id === null || key === null || type === null || shape === null) return undefined;
  if (type === 'var' && value !== null) return { type, key, value };
  if (type === 'secret' && ciphertext !== null && keyId !== null) {
    return { type, key, id, ciphertext, keyId };
  }
  if (type !== 'var' && type !== 'secret' && targetId !== null) {
    return { type, key, shape, targetId };
  }
  // The table's check makes anything else impossible.
  throw new Error(`environment value ${key} has type ${type} but no fitting column`);
}
