import type { DatabaseError } from 'pg';

export interface SqlFailureDetails {
  /** SQLSTATE. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

/** Why SQL of a tenant did not run, in words for the tenant. */
export class SqlFailure extends Error {
  readonly code: string | undefined;
  readonly detail: string | undefined;

  constructor(
    message: string,
    { code, detail, cause }: SqlFailureDetails & { cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'SqlFailure';
    this.code = code;
    this.detail = detail;
  }

  /** What PostgreSQL said. */
  static of(error: DatabaseError): SqlFailure {
    const { message, code, detail, hint } = error;
    const hinted = hint === undefined ? message : `${message} (${hint})`;
    return new SqlFailure(cut(hinted), { code, detail: detail && cut(detail), cause: error });
  }
}

/** A statement's text can be in its error. */
function cut(text: string): string {
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}
