import { AppError } from '@openworkers/core/app-error';

/** The other side of the pipe broke the rules; the only answer is to close the pipe. */
export class ProtocolError extends AppError {
  /** The rule that was broken. */
  readonly problem: string;

  constructor(problem: string) {
    super('internal', `private pipe: ${problem}`);
    this.problem = problem;
    this.name = 'ProtocolError';
  }
}
