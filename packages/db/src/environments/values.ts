import { randomUUID } from 'node:crypto';
import { AppError, platformLimits } from '@openworkers/core';
import { sql, type Insertable } from 'kysely';
import { audit } from '../audit.ts';
import type { Queries } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { BindingShape, BoundResource } from '../routing/queries.ts';
import type { Schema } from '../schema.ts';
import { sealedFor, type Sealer } from '../sealing/sealer.ts';
import type { Actor } from './queries.ts';

/** Which key of which environment. */
export interface ValueKey extends Actor {
  environmentId: string;
  key: string;
}

/** A value as it may be shown: a secret only says that it is one. */
export interface ListedValue {
  id: string;
  key: string;
  type: 'var' | 'secret' | BoundResource['type'];
  shape: BindingShape;
  /** Of a `var`, else undefined. */
  value: string | undefined;
  /** Of a binding: what it is bound to. */
  target: { id: string; name: string | null } | undefined;
}

type Row = Insertable<Schema['environment_values']>;
type Content = Pick<Row, 'type'> & Partial<Omit<Row, 'environment_id' | 'tenant_id' | 'key'>>;

const keyShape = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const targetColumns = {
  worker: 'target_worker_id',
  kv: 'target_kv_id',
  storage: 'target_storage_id',
  assets: 'target_storage_id',
  database: 'target_database_id',
} as const satisfies Record<BoundResource['type'], keyof Row>;

/** @throws AppError `invalid_input`, `limit_reached`, `environment_not_found` */
export async function setVariable(
  queries: Queries,
  { value, ...key }: ValueKey & { value: string },
): Promise<void> {
  assertValue(value);
  await write(queries, key, { type: 'var', value });
}

/** @throws AppError `invalid_input`, `limit_reached`, `environment_not_found` */
export async function setSecret(
  queries: Queries,
  { value, sealer, ...key }: ValueKey & { value: string; sealer: Sealer },
): Promise<void> {
  assertValue(value);
  // A fresh row each time: what is sealed is sealed for one row.
  const id = randomUUID();
  const { ciphertext, keyId } = await sealer.seal(value, secretIdentity(id));
  await write(queries, key, { id, type: 'secret', ciphertext, key_id: keyId });
}

/** @throws AppError `invalid_input`, `limit_reached`, `environment_not_found`, `resource_not_found` when the tenant has no such resource */
export async function bindResource(
  queries: Queries,
  input: ValueKey & Omit<BoundResource, 'key'>,
): Promise<void> {
  const { type, shape, targetId, ...key } = input;
  await write(queries, key, { type, shape, [targetColumns[type]]: targetId });
}

/** Whether there was such a key. */
export async function unsetValue(queries: Queries, given: ValueKey): Promise<boolean> {
  const { tenantId, actorId, environmentId, key } = given;
  return inTransaction(queries, async (transaction) => {
    const deleted = await remove(transaction, given);
    if (deleted) {
      const change = { action: 'environment.unset', targetId: environmentId, details: { key } };
      await audit(transaction, { tenantId, actorId, ...change });
    }
    return deleted;
  });
}

/** The values of an environment of the tenant, by key. */
export async function listValues(
  queries: Queries,
  owner: { tenantId: string; environmentId: string },
): Promise<ListedValue[]> {
  const { rows } = await sql<
    Omit<ListedValue, 'target'> & { target: ListedValue['target'] | null }
  >`
    select v.id, v.key, v.type, v.shape, v.value, case
        when w.id is not null then json_build_object('id', w.id, 'name', w.name)
        when k.id is not null then json_build_object('id', k.id, 'name', k.name)
        when s.id is not null then json_build_object('id', s.id, 'name', s.name)
        when d.id is not null then json_build_object('id', d.id, 'name', d.name)
      end as target
    from environment_values v
      left join workers w on w.id = v.target_worker_id
      left join kv_namespaces k on k.id = v.target_kv_id
      left join storages s on s.id = v.target_storage_id
      left join databases d on d.id = v.target_database_id
    where v.environment_id = ${owner.environmentId} and v.tenant_id = ${owner.tenantId}
    order by v.key`.execute(queries);
  return rows.map((row) => ({
    ...row,
    value: row.value ?? undefined,
    target: row.target ?? undefined,
  }));
}

/** What a secret's row is sealed for. */
export function secretIdentity(valueId: string): string {
  return sealedFor('environment_values', valueId, 'value');
}

async function write(queries: Queries, given: ValueKey, content: Content): Promise<void> {
  const { tenantId, actorId, environmentId, key } = given;
  if (!keyShape.test(key)) {
    const text = `"${key.slice(0, 100)}" is not a key of env: letters, digits and _, at most 64, no digit first`;
    throw new AppError('invalid_input', text);
  }
  try {
    await inTransaction(queries, async (transaction) => {
      await remove(transaction, given);
      await transaction
        .insertInto('environment_values')
        .values({ ...content, environment_id: environmentId, tenant_id: tenantId, key })
        .execute();
      await assertRoom(transaction, environmentId);
      const { type } = content;
      const change = { action: 'environment.set', targetId: environmentId, details: { key, type } };
      await audit(transaction, { tenantId, actorId, ...change });
    });
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint === 'environment_values_environment_id_tenant_id_fkey') {
      throw new AppError('environment_not_found', undefined, { cause: error });
    }
    if (constraint?.startsWith('environment_values_target_') === true) {
      throw new AppError('resource_not_found', undefined, { cause: error });
    }
    throw error;
  }
}

/**
 * All of it goes into one message to a sandbox. Writers of one environment come one after the other:
 * each raises its revision, and holds that row.
 */
async function assertRoom(queries: Queries, environmentId: string): Promise<void> {
  const { rows } = await sql<{ count: number; bytes: number }>`
    select count(*)::integer as count,
      coalesce(sum(coalesce(octet_length(value), octet_length(ciphertext))), 0)::integer as bytes
    from environment_values where environment_id = ${environmentId}`.execute(queries);
  const { count = 0, bytes = 0 } = rows[0] ?? {};
  const { environmentValues, environmentBytes } = platformLimits;
  if (count <= environmentValues.tenant && bytes <= environmentBytes.tenant) return;
  throw new AppError(
    'limit_reached',
    `an environment has at most ${environmentValues.tenant} values of together ${environmentBytes.tenant} bytes`,
  );
}

async function remove(queries: Queries, key: ValueKey): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('environment_values')
    .where('environment_id', '=', key.environmentId)
    .where('tenant_id', '=', key.tenantId)
    .where('key', '=', key.key)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

function assertValue(value: string): void {
  const max = platformLimits.bindingValueBytes.tenant;
  if (Buffer.byteLength(value) > max) {
    throw new AppError('invalid_input', `a value has at most ${max} bytes`);
  }
  if (value.includes('\0')) {
    throw new AppError('invalid_input', 'a value cannot contain the character U+0000');
  }
}
