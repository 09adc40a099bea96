import { AppError, messageOf } from '@openworkers/core';
import { DatabaseError } from 'pg';

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // The unix socket is not there, or may not be opened.
  'ENOENT',
  'EACCES',
]);

/** SQLSTATEs (PostgreSQL appendix A) that mean: not now. */
const unavailableStates = new Set([
  '53300', // too_many_connections
  '55P03', // lock_not_available
  '57014', // query_canceled: the statement timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);

/** SQLSTATEs of a login that can never work. */
const refusedStates = new Set(['28000', '28P01', '3D000', '42501']);

/** What `pg` and `pg-pool` say, in plain errors without a code, when the connection is gone. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout)/;

/** A login that the server and this client cannot agree on. */
const refusedLogin = /^(SASL:|The server does not support SSL|There was an error establishing)/;

/** SQLSTATE of a PostgreSQL error, e.g. `23505`. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Name of the violated constraint. */
export function constraintOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.constraint : undefined;
}

/** Whether the error means that the server cannot answer now, so that its connection is useless. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return unavailableStates.has(state) || state.startsWith('08');
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && unreachableCodes.has(code)) return true;
  return lostConnection.test(error.message);
}

/** Turns an unreachable server into AppError `database_unavailable`; other errors pass unchanged. */
export function mapQueryError(error: unknown): unknown {
  if (error instanceof AppError || !isUnavailable(error)) return error;
  return new AppError('database_unavailable', undefined, { cause: error, retryAfterSeconds: 2 });
}

/** Like `mapQueryError`; a refused login or unknown database becomes `invalid_config`. */
export function mapConnectError(error: unknown): unknown {
  if (!isRefusedLogin(error)) return mapQueryError(error);
  const message = `DATABASE_URL: PostgreSQL refused the login: ${messageOf(error)}`;
  return new AppError('invalid_config', message, { cause: error });
}

function isRefusedLogin(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return refusedStates.has(state);
  return error instanceof Error && refusedLogin.test(error.message);
}
