import { exitCodes, type AppError, type ErrorCode } from '@openworkers/core';

/** Something the user can put right: the message says what and why, `next` what to type. */
export class CliError extends Error {
  readonly next: string | undefined;
  readonly exitCode: number;
  readonly code: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    message: string,
    options: {
      next?: string;
      exitCode?: number;
      code?: string;
      details?: Record<string, unknown> | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.next = options.next;
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.code = options.code ?? 'failed';
    this.details = options.details;
  }
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(message, {
    exitCode: exitCodes.usage,
    code: 'usage',
    ...(next !== undefined && { next }),
  });
}

const configCodes: ReadonlySet<ErrorCode> = new Set([
  'invalid_config',
  'migration_mismatch',
  'schema_newer',
  'unsupported_platform',
]);

/** Gives an error of the platform the exit code and the advice for the person at the keyboard. */
export function fromAppError(error: AppError, next?: string): CliError {
  const advice = next ?? adviceFor(error.code);
  return new CliError(error.message, {
    code: error.code,
    exitCode: configCodes.has(error.code) ? exitCodes.config : exitCodes.failed,
    details: error.details,
    cause: error,
    ...(advice !== undefined && { next: advice }),
  });
}

function adviceFor(code: ErrorCode): string | undefined {
  switch (code) {
    case 'database_unavailable':
      return 'start the platform (npm start), or see where the alias points (ow alias list)';
    default:
      return undefined;
  }
}
