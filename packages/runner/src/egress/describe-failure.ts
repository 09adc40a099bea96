import { EgressRefusal } from './egress-refusal.ts';

/** By the `code` of an error of Node or undici. */
const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the origin refuses the connection',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'the connection was not made in time',
  EHOSTUNREACH: 'the origin cannot be reached',
  ENETUNREACH: 'the origin cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  UND_ERR_HEADERS_TIMEOUT: 'the origin did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the origin stopped sending',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH:
    'the request body does not have the length it was said to have',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the response body broke off',
};

/** What a worker is told of a connection that failed: nothing about the inside of the platform. */
export function describeFailure(error: Error): string {
  if (error instanceof EgressRefusal) return error.message;
  const { cause } = error;
  if (cause instanceof EgressRefusal) return cause.message;
  if (error.name === 'HTTPParserError') return 'the response is not valid HTTP';
  const code = codeOf(error) ?? codeOf(cause);
  if (code === undefined) return 'the connection failed';
  if (code.startsWith('HPE_')) return 'the response is not valid HTTP';
  if (/CERT|ISSUER|SIGNATURE|CRL/.test(code)) return 'the certificate of the origin is not valid';
  if (/SSL|TLS/.test(code)) return 'the origin and TLS do not get along';
  return byCode[code] ?? 'the connection failed';
}

/** The connection was gone before the origin said anything: another one may do. */
export function isLostConnection(error: Error): boolean {
  const code = codeOf(error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
