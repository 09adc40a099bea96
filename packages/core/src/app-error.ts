import { errorCatalogue, type ErrorCode } from './error-catalogue.ts';

export interface AppErrorOptions {
  /** What caused it; logged, never shown to a client. */
  cause?: unknown;
  /** Facts a client may act on (a field name, a limit). Never a secret. */
  details?: Record<string, unknown>;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number;
}

/**
 * The only error type that crosses a package or process boundary. `code` is stable and listed in
 * `docs/reference/errors.md`; `message` is written for the person who can act on it.
 *
 * @example throw new AppError('worker_not_found', 'there is no worker "hello"');
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    super(message ?? errorCatalogue[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = errorCatalogue[code].status;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
