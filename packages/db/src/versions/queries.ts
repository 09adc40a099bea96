import type { Queries } from '../database.ts';

/** Language of what was deployed; the stored code is always prepared JavaScript. */
export type CodeType = 'javascript' | 'typescript';

export interface DeployVersionInput {
  tenantId: string;
  workerId: string;
  codeType: CodeType;
  /** Prepared (bundled) code; at most `platformLimits.codeBytes`. */
  code: Uint8Array;
  sourceMap?: Uint8Array;
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
  /** Share of requests this version serves now. */
  percent: number;
}

/**
 * Writes the next version, lets it serve 100 %, drops versions beyond the last 100 that serve
 * nothing and notifies the runners on commit: one transaction. Concurrent deploys of one worker
 * become versions in order.
 *
 * @throws AppError `worker_not_found`, `code_too_large`
 */
export declare function deployVersion(
  queries: Queries,
  input: DeployVersionInput,
): Promise<DeployedVersion>;

/** Versions kept of a worker, newest first, without code. */
export declare function listVersions(
  queries: Queries,
  key: { tenantId: string; workerId: string },
): Promise<Version[]>;

/** One version, without code. */
export declare function findVersion(
  queries: Queries,
  key: { tenantId: string; workerId: string; version: number },
): Promise<Version | undefined>;
