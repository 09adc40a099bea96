import { AppError, platformLimits } from '@openworkers/core';
import { sql, type Selectable } from 'kysely';
import type { Queries } from '../database.ts';
import type { Schema } from '../schema.ts';

/** Language of what was deployed; the stored code is always prepared JavaScript. */
export type CodeType = 'javascript' | 'typescript';

export interface DeployVersionInput {
  tenantId: string;
  workerId: string;
  codeType: CodeType;
  /** Prepared (bundled) code; at most `platformLimits.codeBytes`. */
  code: Uint8Array;
  sourceMap?: Uint8Array;
  /** At most 1 000 characters. */
  message?: string;
  /** The user who deploys. */
  actorId: string;
}

export interface DeployedVersion {
  version: number;
  /** SHA-256 of the code, hex. */
  hash: string;
  sizeBytes: number;
  deployedAt: Date;
}

export interface Version extends DeployedVersion {
  codeType: CodeType;
  message: string | undefined;
  /** User id; the user may be gone. */
  deployedBy: string;
  /** Share of requests this version serves now; 0 when it does not serve. */
  percent: number;
}

/**
 * Writes the next version, lets it serve 100 %, drops versions beyond the last 100 that serve
 * nothing and notifies the runners on commit: one transaction. Concurrent deploys of one worker
 * become versions in order.
 *
 * @throws AppError `worker_not_found`, `code_too_large`
 */
export async function deployVersion(
  queries: Queries,
  input: DeployVersionInput,
): Promise<DeployedVersion> {
  assertCodeSize(input.code.byteLength);
  const { rows } = await sql<DeployedVersion>`
    select version, hash, size_bytes as "sizeBytes", deployed_at as "deployedAt"
    from deploy_version(
      ${input.tenantId}::uuid, ${input.workerId}::uuid, ${input.codeType},
      ${asBuffer(input.code)}::bytea, ${asBuffer(input.sourceMap)}::bytea,
      ${input.message ?? null}, ${input.actorId}::uuid, ${platformLimits.keptVersions.tenant}
    )`.execute(queries);
  const [deployed] = rows;
  if (deployed === undefined) throw new AppError('worker_not_found');
  return deployed;
}

/** Versions kept of a worker, newest first, without code. */
export async function listVersions(
  queries: Queries,
  key: { tenantId: string; workerId: string },
): Promise<Version[]> {
  const rows = await selectVersions(queries, key)
    .orderBy('worker_versions.version', 'desc')
    .execute();
  return rows.map(toVersion);
}

/** One version, without code. */
export async function findVersion(
  queries: Queries,
  key: { tenantId: string; workerId: string; version: number },
): Promise<Version | undefined> {
  const row = await selectVersions(queries, key)
    .where('worker_versions.version', '=', key.version)
    .executeTakeFirst();
  return row === undefined ? undefined : toVersion(row);
}

function assertCodeSize(sizeBytes: number): void {
  const limit = platformLimits.codeBytes.tenant;
  if (sizeBytes <= limit) return;
  throw new AppError('code_too_large', `the code has ${sizeBytes} bytes, the limit is ${limit}`, {
    details: { sizeBytes, limit },
  });
}

/** `pg` sends a Buffer as bytea, other views as text. */
function asBuffer(bytes: Uint8Array | undefined): Buffer | null {
  if (bytes === undefined) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function selectVersions(queries: Queries, key: { tenantId: string; workerId: string }) {
  return queries
    .selectFrom('worker_versions')
    .leftJoin('worker_serving', (join) =>
      join
        .onRef('worker_serving.worker_id', '=', 'worker_versions.worker_id')
        .onRef('worker_serving.version', '=', 'worker_versions.version'),
    )
    .where('worker_versions.worker_id', '=', key.workerId)
    .where('worker_versions.tenant_id', '=', key.tenantId)
    .select([
      'worker_versions.version',
      'worker_versions.hash',
      'worker_versions.size_bytes',
      'worker_versions.code_type',
      'worker_versions.message',
      'worker_versions.deployed_by',
      'worker_versions.deployed_at',
      'worker_serving.percent',
    ]);
}

type VersionRow = Omit<
  Selectable<Schema['worker_versions']>,
  'worker_id' | 'tenant_id' | 'code' | 'source_map'
> & { percent: number | null };

function toVersion(row: VersionRow): Version {
  return {
    version: row.version,
    hash: row.hash,
    sizeBytes: row.size_bytes,
    codeType: row.code_type,
    message: row.message ?? undefined,
    deployedBy: row.deployed_by,
    deployedAt: row.deployed_at,
    percent: row.percent ?? 0,
  };
}
