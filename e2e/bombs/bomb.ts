import type { WorkerLimits } from '@openworkers/core';

/**
 * Why a bomb may cost the sandbox process. Nothing that is not on this list may.
 *
 * - `native call`: one call into V8 that runs for longer than a disposed isolate is given, and that
 *   V8 does not interrupt. The process is drained and replaced: nobody but the bomb loses anything.
 * - `heap`: V8 ends the whole process when an allocation fails at a moment it cannot recover from.
 */
export type ReplacementReason = 'native call' | 'heap';

/** A worker that attacks the platform, and what must become of it. */
export interface Bomb {
  readonly name: string;
  /** Statements before the handler. */
  readonly module?: string;
  /** Body of `async fetch(request, env, ctx)`; never runs for the path `/calm`. */
  readonly handler: string;
  /** Memory bombs get CPU to spare, so that memory alone can end them. */
  readonly limits?: Partial<WorkerLimits>;
  /** How the request may end: status and termination reason, or `cut` for a broken connection. */
  readonly ends: readonly End[];
  readonly mayReplace?: ReplacementReason;
}

export type End =
  | '200'
  | '429 CpuTimeLimit'
  | '429 MemoryLimit'
  | '500 Exception'
  | '503 SandboxLost'
  | '504 WallClockTimeout'
  | 'cut';

/** CPU that few memory bombs need: most fill 128 MB within a second. */
export const cpuToSpare: Partial<WorkerLimits> = { cpuMs: 8_000 };

/** The module of a bomb's worker. `/calm` answers 200: the worker is not lost for good. */
export function sourceOf({ module = '', handler }: Pick<Bomb, 'module' | 'handler'>): string {
  return `${module}
export default {
  async fetch(request, env, ctx) {
    if (request.url.endsWith('/calm')) return new Response('calm');
    ${handler}
    return new Response('survived');
  },
};
`;
}
