import type { ErrorCode } from '@openworkers/core/error-catalogue';
import { terminationReasons, type TerminationReason } from '@openworkers/core/termination-reason';
import type { FailureReason } from '../engine/worker-engine.ts';

/** How a client is told that a worker did not answer. */
export interface FailureAnswer {
  readonly code: ErrorCode;
  /** Value of `x-termination-reason`. */
  readonly reason: TerminationReason | undefined;
  readonly retryAfterSeconds: number | undefined;
}

const retryAfterSeconds: Partial<Record<FailureReason, number>> = {
  Busy: 1,
  Overloaded: 1,
  Retired: 1,
  SandboxLost: 1,
  unavailable: 5,
};

export function failureAnswer(reason: FailureReason): FailureAnswer {
  const wait = retryAfterSeconds[reason];
  switch (reason) {
    case 'body_too_large':
      return { code: 'request_body_too_large', reason: undefined, retryAfterSeconds: wait };
    case 'unavailable':
      return { code: 'database_unavailable', reason: undefined, retryAfterSeconds: wait };
    default:
      return { code: terminationReasons[reason], reason, retryAfterSeconds: wait };
  }
}
