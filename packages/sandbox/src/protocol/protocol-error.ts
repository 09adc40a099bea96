import { AppError } from '@openworkers/core/app-error';

/** The other side of the pipe broke the rules; the only answer is to close the pipe. */
export class ProtocolError extends AppError {
  constructor(message: string) {
    super('internal', `private pipe: ${message}`);
    this.name = 'ProtocolError';
  }
}
