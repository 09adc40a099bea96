import { Secret } from '@openworkers/core';
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDir } from './make-data-dir.ts';

export const parts = ['runner', 'api', 'cli', 'postgate'] as const;
export type Part = (typeof parts)[number];

/** A connection string for each part that logs in. */
export interface RoleUrls {
  /** Reads routes, versions and environments of everybody; writes nothing. */
  runner: Secret;
  /** Subject to row-level security: sees the tenant set with `withTenant`, else nothing. */
  api: Secret;
  /** Direct backend of `ow`: reads and writes every tenant's rows, changes no schema. */
  cli: Secret;
  /** Makes and drops tenants' databases and their logins, and reads what `databases` says of them. */
  postgate: Secret;
}

/** What a data folder knows of its login roles. */
export interface RoleFile {
  /** Part of the roles' names: several installations may share a server. */
  installation: string;
  passwords: Record<Part, string>;
  /** What the last `ensureRoles` left. */
  urls: Record<Part, string> | undefined;
}

const fileName = 'database-roles.json';

/** The connection strings that the last `ensureRoles` left in this data folder, if any. */
export async function readRoleUrls(dataDir: string): Promise<RoleUrls | undefined> {
  const urls = (await readRoleFile(dataDir))?.urls;
  // A part that the program which wrote the file did not know yet: the next start adds it.
  return urls === undefined || parts.some((part) => !(part in urls)) ? undefined : toRoleUrls(urls);
}

/** Wraps plain connection strings. */
export function toRoleUrls(urls: Record<Part, string>): RoleUrls {
  return {
    runner: new Secret(urls.runner),
    api: new Secret(urls.api),
    cli: new Secret(urls.cli),
    postgate: new Secret(urls.postgate),
  };
}

/** The file's content, or new passwords when there is none. */
export async function readOrCreateRoleFile(dataDir: string): Promise<RoleFile> {
  const fresh = createRoleFile();
  const present = await readRoleFile(dataDir);
  if (present === undefined) return fresh;
  return { ...present, passwords: { ...fresh.passwords, ...present.passwords } };
}

/** Writes the file as one piece, readable by its owner only. */
export async function writeRoleFile(dataDir: string, content: RoleFile): Promise<void> {
  await makeDataDir(dataDir);
  const temporary = join(dataDir, `${fileName}.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(temporary, join(dataDir, fileName));
}

async function readRoleFile(dataDir: string): Promise<RoleFile | undefined> {
  try {
    // Written by `writeRoleFile` only, under a name of ours and for our eyes only.
    return JSON.parse(await readFile(join(dataDir, fileName), 'utf8')) as RoleFile;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function createRoleFile(): RoleFile {
  const password = () => randomBytes(24).toString('base64url');
  return {
    installation: randomBytes(4).toString('hex'),
    passwords: { runner: password(), api: password(), cli: password(), postgate: password() },
    urls: undefined,
  };
}
