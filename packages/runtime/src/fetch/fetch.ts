/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { fetchModule, websocketModule } from '../lazy/lazy-modules.ts';
import { StringPrototypeToLowerCase } from '../primordials.ts';
import { markHandled, promiseReject } from '../safe-promise.ts';
import type { RequestState } from './request-state.ts';
import { Request, requestStateOf } from './request.ts';
import type { Response } from './response.ts';

/** https://fetch.spec.whatwg.org/#fetch-method */
export function fetch(input: unknown, init: unknown = undefined): Promise<Response> {
  try {
    const request = requestStateOf(new Request(input, init));
    const signal = request.parts.signal.state;
    if (signal.isAborted) {
      const { body } = request;
      if (body !== null && !body.isUnusable) markHandled(body.cancel(signal.reason));
      return promiseReject(signal.reason);
    }
    return asksForWebSocket(request)
      ? websocketModule.value.fetchWebSocket(request)
      : fetchModule.value.runFetch(request);
  } catch (error) {
    return promiseReject(error);
  }
}

function asksForWebSocket({ parts }: RequestState): boolean {
  const upgrade = parts.headers.get('upgrade');
  return upgrade !== undefined && StringPrototypeToLowerCase(upgrade) === 'websocket';
}
