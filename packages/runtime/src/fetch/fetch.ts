/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { fetchModule, websocketModule } from '../lazy/lazy-modules.ts';
import { StringPrototypeToLowerCase, TypeError } from '../primordials.ts';
import { markHandled, promiseReject } from '../safe-promise.ts';
import type { RequestState } from './request-state.ts';
import { Request, requestStateOf } from './request.ts';
import type { Response } from './response.ts';

/** https://fetch.spec.whatwg.org/#fetch-method */
export function fetch(input: unknown, init: unknown = undefined): Promise<Response> {
  return fetchThrough(undefined, input, init);
}

/** `fetch`; with the key of a binding, the worker behind it answers. */
export function fetchThrough(
  binding: string | undefined,
  input: unknown,
  init: unknown,
): Promise<Response> {
  try {
    const request = requestStateOf(new Request(input, init));
    const signal = request.parts.signal.state;
    if (signal.isAborted) {
      const { body } = request;
      if (body !== null && !body.isUnusable) markHandled(body.cancel(signal.reason));
      return promiseReject(signal.reason);
    }
    if (!asksForWebSocket(request)) return fetchModule.value.runFetch(request, binding);
    if (binding === undefined) return websocketModule.value.fetchWebSocket(request);
    throw new TypeError('A WebSocket cannot be opened through a binding');
  } catch (error) {
    return promiseReject(error);
  }
}

function asksForWebSocket({ parts }: RequestState): boolean {
  const upgrade = parts.headers.get('upgrade');
  return upgrade !== undefined && StringPrototypeToLowerCase(upgrade) === 'websocket';
}
