import type { InvocationRecord } from '../protocol/messages.ts';
import type { TrustedProxies } from './client-address.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { RequestLine } from './request-line.ts';
import type { ResponseHeaderFilter } from './response-headers.ts';

/** Decides who answers a request, and has it done. */
export interface RequestHandler {
  handle(exchange: HttpExchange, line: RequestLine): void;
}

export interface InvocationLog {
  addInvocation(record: InvocationRecord): void;
}

/** What all exchanges of a sandbox share. */
export interface ExchangeContext {
  readonly handler: RequestHandler;
  readonly responseHeaders: ResponseHeaderFilter;
  readonly records: InvocationLog;
  readonly proxies: TrustedProxies;
  readonly publicScheme: 'http' | 'https';
  readonly maxHeaderCount: number;
  /** A coarse clock; see `ConnectionTable`. */
  readonly currentTick: () => number;
}
