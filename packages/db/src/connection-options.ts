import { Secret } from '@openworkers/core';
import { types, type ClientConfig } from 'pg';

const int8Oid = 20;

/** What every connection of the platform has in common, pooled or not. */
export interface ConnectionOptions {
  connectionString: Secret;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  connectTimeoutMs: number;
  /** 0 for no limit. */
  statementTimeoutMs: number;
}

/** Options for a `pg` client or pool. */
export function clientConfig(options: ConnectionOptions): ClientConfig {
  const { statementTimeoutMs } = options;
  return {
    connectionString: options.connectionString.reveal(),
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
    ...(statementTimeoutMs > 0 && {
      statement_timeout: statementTimeoutMs,
      // For a server that no longer answers at all; its own timeout comes first.
      query_timeout: statementTimeoutMs + 5_000,
    }),
  };
}

/** The same login to another database of the server. */
export function withDatabase(connectionString: Secret, database: string): Secret {
  const url = new URL(connectionString.reveal());
  url.pathname = `/${database}`;
  return new Secret(url.href);
}

/** `int8` as a number: none of our counters and sizes comes near 2^53. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 out of range: ${text}`);
  return value;
}

const getTypeParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === int8Oid && format !== 'binary') return parseInt8;
  return format === 'binary'
    ? types.getTypeParser(oid, 'binary')
    : types.getTypeParser(oid, 'text');
};
