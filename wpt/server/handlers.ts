import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request to the server of the tests. */
interface Exchange {
  readonly checkout: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/** What wptserve runs Python for, by path. Everything else is a file of the checkout. */
export const handlers: Readonly<Record<string, Handler>> = {};
