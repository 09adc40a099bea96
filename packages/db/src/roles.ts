import { messageOf, type Logger, type Secret } from '@openworkers/core';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { applyAccess } from './access.ts';
import { withAdminClient } from './admin-client.ts';
import { lockSchema } from './migration-ledger.ts';
import { sqlState } from './postgres-error.ts';
import {
  parts,
  readOrCreateRoleFile,
  toRoleUrls,
  writeRoleFile,
  type Part,
  type RoleFile,
  type RoleUrls,
} from './role-file.ts';
import { scramVerifier } from './scram-verifier.ts';

export interface EnsureRolesOptions {
  /** Login of the owner of the schema. */
  connectionString: Secret;
  dataDir: string;
  log: Logger;
}

/** SQLSTATE insufficient_privilege. */
const insufficientPrivilege = '42501';

/** SQLSTATEs duplicate_object and, in a race, unique_violation. */
const duplicateRole = new Set(['42710', '23505']);

/**
 * Creates or updates this installation's login roles (`ow_runner_<id>` …; members of the group
 * roles `ow_runner`, `ow_api`, `ow_cli`, `ow_postgate` that hold the grants) with generated passwords, kept in
 * `<dataDir>/database-roles.json` (mode 0600) together with the connection strings. Run it after
 * `migrate`, at every start.
 *
 * When the login behind `connectionString` may not create roles, every entry is that login itself
 * and a warning says so: parts are then not separated and row-level security does not hold, because
 * the login owns the tables.
 *
 * @throws AppError `database_unavailable`, `invalid_config`
 */
export async function ensureRoles(options: EnsureRolesOptions): Promise<RoleUrls> {
  const { connectionString, dataDir, log } = options;
  const file = await readOrCreateRoleFile(dataDir);
  const refusal = await withAdminClient(connectionString, (client) =>
    createRoles(client, { file, log }),
  );
  if (refusal !== undefined) {
    log.warn(
      { reason: refusal },
      'DATABASE_URL may not create roles: every part uses it, without separation of rights',
    );
  }
  const url = connectionString.reveal();
  const urls =
    refusal === undefined
      ? mapParts((part) => withLogin(url, loginName(part, file), file.passwords[part]))
      : mapParts(() => url);
  await writeRoleFile(dataDir, { ...file, urls });
  return toRoleUrls(urls);
}

/** Undefined when the roles are there, else why they cannot be. */
async function createRoles(
  client: Client,
  { file, log }: { file: RoleFile; log: Logger },
): Promise<string | undefined> {
  await lockSchema(client, 60_000);
  const { rows } = await client.query<{ isAble: boolean }>(
    `select rolsuper or rolcreaterole as "isAble" from pg_roles where rolname = current_user`,
  );
  if (rows[0]?.isAble !== true) return 'the login has no CREATEROLE';
  try {
    for (const part of parts) await createRole(client, `ow_${part}`, 'nologin');
    await applyAccess(client);
    for (const part of parts) await createLogin(client, part, file);
    await letCreateDatabases(client, { login: loginName('postgate', file), log });
    return undefined;
  } catch (error) {
    // CREATEROLE alone does not reach roles that another owner made on the same server.
    if (sqlState(error) === insufficientPrivilege) return messageOf(error);
    throw error;
  }
}

async function createLogin(client: Client, part: Part, file: RoleFile): Promise<void> {
  const login = loginName(part, file);
  await createRole(client, login, 'login');
  const verifier = escapeLiteral(await scramVerifier(file.passwords[part]));
  await client.query(`alter role ${escapeIdentifier(login)} login password ${verifier}`);
  await client.query(`grant ${escapeIdentifier(`ow_${part}`)} to ${escapeIdentifier(login)}`);
}

/**
 * Attributes are not inherited from a group, so the login itself has them. Only who has `CREATEDB` can
 * pass it on (PostgreSQL 16 and later).
 */
async function letCreateDatabases(
  client: Client,
  { login, log }: { login: string; log: Logger },
): Promise<void> {
  const found = await client.query(
    'select from pg_roles where rolname = $1 and rolcreatedb and rolcreaterole',
    [login],
  );
  if (found.rowCount !== 0) return;
  try {
    await client.query(`alter role ${escapeIdentifier(login)} createdb createrole`);
  } catch (error) {
    if (sqlState(error) !== insufficientPrivilege) throw error;
    log.warn(
      { reason: messageOf(error) },
      'DATABASE_URL has no CREATEDB: platform databases cannot be created',
    );
  }
}

async function createRole(client: Client, name: string, kind: 'login' | 'nologin'): Promise<void> {
  const found = await client.query('select from pg_roles where rolname = $1', [name]);
  if (found.rowCount !== 0) return;
  try {
    await client.query(`create role ${escapeIdentifier(name)} ${kind}`);
  } catch (error) {
    // Another database of this server (the schema lock is per database) was faster.
    if (!duplicateRole.has(sqlState(error) ?? '')) throw error;
  }
}

function loginName(part: Part, file: RoleFile): string {
  return `ow_${part}_${file.installation}`;
}

function withLogin(connectionString: string, user: string, password: string): string {
  const url = new URL(connectionString);
  url.searchParams.delete('user');
  url.searchParams.delete('password');
  url.username = user;
  url.password = password;
  return url.href;
}

function mapParts(value: (part: Part) => string): Record<Part, string> {
  return {
    runner: value('runner'),
    api: value('api'),
    cli: value('cli'),
    postgate: value('postgate'),
  };
}
