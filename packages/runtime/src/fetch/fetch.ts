/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { promiseReject } from '../safe-promise.ts';
import { Request } from './request.ts';
import type { Response } from './response.ts';

/** The global `fetch`: checks its arguments, and rejects. */
export function fetch(input: unknown, init: unknown = undefined): Promise<Response> {
  try {
    const { url } = new Request(input, init);
    const reason = 'outgoing fetch is not available on this platform yet';
    return promiseReject(new TypeError(`Cannot fetch ${url}: ${reason}`));
  } catch (error) {
    return promiseReject(error);
  }
}
