import type { ErrorCode } from './error-catalogue.ts';

/**
 * Why an invocation ended without the worker's own answer. The bare names are the contract of the
 * `x-termination-reason` response header; nothing else ever goes into that header.
 */
export const terminationReasons = {
  CpuTimeLimit: 'worker_cpu_limit',
  MemoryLimit: 'worker_memory_limit',
  WallClockTimeout: 'worker_wall_limit',
  Exception: 'worker_exception',
  NoHandler: 'worker_no_handler',
  Retired: 'worker_retired',
  Overloaded: 'overloaded',
  Busy: 'worker_busy',
  CallDepth: 'call_depth',
  SandboxLost: 'sandbox_lost',
} as const satisfies Record<string, ErrorCode>;

export type TerminationReason = keyof typeof terminationReasons;
