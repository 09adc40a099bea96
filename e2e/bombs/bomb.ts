import type { WorkerLimits } from '@openworkers/core';

/**
 * Why a bomb may cost the sandbox process. Nothing that is not on this list may; and the process is
 * drained first, so that nobody but the bomb loses anything.
 *
 * - `native call`: one call into V8 that runs for longer than a disposed isolate is given, and that
 *   V8 does not interrupt.
 * - `thrown value`: isolated-vm reads several properties of what nobody caught. V8 forgets that it
 *   was told to stop whenever a getter is left, so that only the first of them can be ended.
 */
type ReplacementReason = 'native call' | 'thrown value';

/** A worker that attacks the platform, and what must become of it. */
export interface Bomb {
  readonly name: string;
  /** Statements before the handler. */
  readonly module?: string;
  /** Body of `async fetch(request, env, ctx)`; never runs for the path `/calm`. */
  readonly handler: string;
  /** Memory bombs get CPU to spare, so that memory alone can end them. */
  readonly limits?: Partial<WorkerLimits>;
  /** How the request may end: status and termination reason. */
  readonly ends: readonly End[];
  readonly mayReplace?: ReplacementReason;
}

/** `cut`: after the head, so that the connection ends. */
type End =
  '200' | '429 CpuTimeLimit' | '429 MemoryLimit' | '500 Exception' | '504 WallClockTimeout' | 'cut';

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
