import { createHash } from 'node:crypto';
import type { Logger } from '@openworkers/core';
import { bundleWorker, type CodeType, type WorkerSource } from './bundle-worker.ts';
import { assertCodeSize } from './code-size.ts';
import { readCompatibilityFlags } from './compatibility.ts';
import { checkStart } from './start-check.ts';
import type { EnvKey } from './trial-env.ts';

export interface PrepareVersionOptions {
  readonly source: WorkerSource;
  /** Paths in messages are relative to this folder. */
  readonly cwd: string;
  /** The worker's `env`, as the trial start sees it: texts are placeholders. */
  readonly env: readonly EnvKey[];
  /** As in a wrangler configuration: `nodejs_compat`, `nodejs_als`; others mean nothing here. */
  readonly compatibilityFlags?: readonly string[];
  /** Gets what the sandbox process itself says. */
  readonly log: Logger;
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
const startTimeoutMs = 5_000;

/**
 * Turns a worker's source into what is deployed, or says why it cannot be: bundles it, checks its
 * size, and starts it once in a throw-away sandbox process (no network, at most 5 s). Takes about
 * half a second.
 *
 * @throws AppError `build_failed` and `start_failed` with `details.problems`
 * (`{ file?, line?, column?, message }[]`, positions in the author's files), `code_too_large`,
 * `invalid_input`
 */
export async function prepareVersion(options: PrepareVersionOptions): Promise<PreparedVersion> {
  const { source, cwd, env, log } = options;
  const compatibility = readCompatibilityFlags(options.compatibilityFlags ?? []);
  const bundled = await bundleWorker({ source, cwd, compatibility, timeoutMs: bundleTimeoutMs });
  const { code, codeType, sourceMap } = bundled;
  const bytes = Buffer.from(code);
  assertCodeSize(bytes.length);
  const start = await checkStart({ bundled, env, cwd, timeoutMs: startTimeoutMs, log });
  return {
    code,
    codeType,
    sourceMap,
    hash: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    startupMs: start.startupMs,
    handlers: start.handlers,
    warnings: [...bundled.warnings, ...start.warnings],
  };
}
