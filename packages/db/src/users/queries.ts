import { AppError } from '@openworkers/core';
import { sql, type Selectable } from 'kysely';
import type { Queries } from '../database.ts';
import { inTransaction } from '../in-transaction.ts';
import { constraintOf } from '../postgres-error.ts';
import type { Schema } from '../schema.ts';

export interface User {
  id: string;
  /** Compared case-insensitively; an e-mail address or a free name. */
  username: string;
  role: 'user' | 'admin';
  /** The user's personal tenant. */
  tenantId: string;
  createdAt: Date;
}

const adminName = 'admin@localhost';
const columns = ['id', 'username', 'role', 'tenant_id', 'created_at'] as const;

/** The user of that name in any case of letters. */
export async function findUserByUsername(
  queries: Queries,
  username: string,
): Promise<User | undefined> {
  const row = await queries
    .selectFrom('users')
    .select(columns)
    .where(sql`lower(username)`, '=', sql`lower(${username})`)
    .executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
}

/**
 * Creates a user together with the personal tenant.
 *
 * @throws AppError `name_taken`
 */
export async function createUser(
  queries: Queries,
  input: { username: string; role?: 'user' | 'admin' },
): Promise<User> {
  const { username, role = 'user' } = input;
  try {
    return await inTransaction(queries, (transaction) => insertUser(transaction, username, role));
  } catch (error) {
    if (constraintOf(error) !== 'users_username') throw error;
    throw new AppError('name_taken', `there is already a user "${username}"`, { cause: error });
  }
}

/** The user `admin@localhost`, created when there is no such user yet. Safe to call concurrently. */
export async function ensureAdmin(queries: Queries): Promise<{ user: User; isNew: boolean }> {
  const present = await findUserByUsername(queries, adminName);
  if (present !== undefined) return { user: present, isNew: false };
  try {
    return { user: await createUser(queries, { username: adminName, role: 'admin' }), isNew: true };
  } catch (error) {
    const created = await findUserByUsername(queries, adminName);
    if (created === undefined) throw error;
    return { user: created, isNew: false };
  }
}

async function insertUser(
  queries: Queries,
  username: string,
  role: 'user' | 'admin',
): Promise<User> {
  const tenant = await queries
    .insertInto('tenants')
    .values({ kind: 'personal' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const row = await queries
    .insertInto('users')
    .values({ tenant_id: tenant.id, username, role })
    .returning(columns)
    .executeTakeFirstOrThrow();
  await queries
    .insertInto('tenant_members')
    .values({ tenant_id: tenant.id, user_id: row.id, role: 'owner' })
    .execute();
  await queries
    .insertInto('audit_log')
    .values({ tenant_id: tenant.id, actor_id: null, action: 'user.create', target_id: row.id })
    .execute();
  return toUser(row);
}

function toUser(row: Pick<Selectable<Schema['users']>, (typeof columns)[number]>): User {
  return {
    id: row.id,
    username: row.username,
    role: row.role,
    tenantId: row.tenant_id,
    createdAt: row.created_at,
  };
}
