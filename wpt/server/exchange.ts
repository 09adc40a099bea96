import type { Stash } from './stash.ts';

/*
 * Text of requests and responses is bytes here, one character each (Latin-1), as in wptserve.
 */

/** One request to the server of the tests. */
export interface Exchange {
  readonly method: string;
  /** With its query, as it was sent. */
  readonly target: string;
  /** Without its query. */
  readonly path: string;
  readonly origin: string;
  /** Decoded; the first of each name. */
  readonly query: ReadonlyMap<string, string>;
  /** As they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The port of the client, which stands for its connection. */
  readonly clientPort: number;
  readonly stash: Stash;
  /** The value of a header, `undefined` without it. */
  readonly header: (name: string) => string | undefined;
  readonly body: () => Promise<Buffer>;
}

/** What a handler answers. */
export interface Reply {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Pieces are sent as they come, and the end of the connection is theirs. */
  readonly body?: string | Buffer | AsyncIterable<string | Buffer>;
  /** The whole response as it goes over the wire; the connection ends with it. */
  readonly raw?: string | Buffer;
}

export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;
export type Handlers = Readonly<Record<string, Handler>>;
