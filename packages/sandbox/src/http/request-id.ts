import { randomUUID } from 'node:crypto';

const acceptable = /^[A-Za-z0-9._-]{1,128}$/;

/** The client's `x-request-id` when it is harmless, else a new one. */
export function requestIdFor(given: string | undefined): string {
  return given !== undefined && acceptable.test(given) ? given : randomUUID();
}
