import { createHash } from 'node:crypto';
import { AppError, platformLimits } from '@openworkers/core';
import { bundleWorker, type CodeType, type WorkerSource } from './bundle-worker.ts';

export interface PrepareVersionOptions {
  readonly source: WorkerSource;
  /** Paths in messages are relative to this folder. */
  readonly cwd: string;
  /** Keys of the worker's `env`; the trial start sees them with placeholder values. */
  readonly envKeys: readonly string[];
}

export interface PreparedVersion {
  /** One ES module, as an isolate runs it. */
  readonly code: string;
  readonly codeType: CodeType;
  /** Source map v3 as JSON, sources included. */
  readonly sourceMap: string;
  /** SHA-256 of the code, hex. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** Milliseconds the trial start took. */
  readonly startupMs: number;
  /** Events the worker handles. */
  readonly handlers: readonly string[];
  readonly warnings: readonly string[];
}

const bundleTimeoutMs = 60_000;

export async function prepareVersion(options: PrepareVersionOptions): Promise<PreparedVersion> {
  const { source, cwd } = options;
  const bundled = await bundleWorker({ source, cwd, timeoutMs: bundleTimeoutMs });
  const bytes = Buffer.from(bundled.code);
  const limit = platformLimits.codeBytes.tenant;
  if (bytes.length > limit) {
    throw new AppError(
      'code_too_large',
      `the worker is ${bytes.length} bytes with everything it imports; the limit is ${limit}`,
      { details: { sizeBytes: bytes.length, limitBytes: limit } },
    );
  }
  const { code, codeType, sourceMap, warnings } = bundled;
  const hash = createHash('sha256').update(bytes).digest('hex');
  return {
    code,
    codeType,
    sourceMap,
    hash,
    sizeBytes: bytes.length,
    startupMs: 0,
    handlers: ['fetch'],
    warnings,
  };
}
