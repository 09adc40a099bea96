import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@openworkers/core/error-catalogue';
import { parseHost } from '../routing/host-name.ts';
import { clientBehind, schemeBehind } from './client-address.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { forwardingHeaders } from './forwarding-headers.ts';
import { requestIdFor } from './request-id.ts';
import { readRequestHead, type RequestHead } from './request-head.ts';

/** What routing and the worker need to know of a request. */
export interface RequestLine {
  readonly problem: ErrorCode | undefined;
  readonly requestId: string;
  readonly method: string;
  /** Lower case, without port. */
  readonly host: string;
  /** Path without query. */
  readonly path: string;
  readonly url: string;
  /** Flat; with the platform's own headers added. */
  readonly headers: string;
  readonly clientAddress: string;
  readonly hasBody: boolean;
  /** 0 when the client does not say. */
  readonly contentLength: number;
}

const absoluteForm = /^https?:\/\/([^/?#]+)([^#]*)/i;

/** Reads the head of a request; runs for every one. */
export function readRequestLine(
  request: IncomingMessage,
  connection: ClientConnection,
  context: ExchangeContext,
): RequestLine {
  const raw = request.rawHeaders;
  const head = readRequestHead(raw);
  const target = targetOf(request.url ?? '/', head.host);
  const host = parseHost(target.authority);
  const peer = peerOf(connection, { head, context });
  const requestId = requestIdFor(head.requestId);
  const length = request.headers['content-length'];
  const query = target.path.indexOf('?');
  return {
    problem: problemOf(raw, { head, host, context, isPath: target.path.startsWith('/') }),
    requestId,
    method: request.method ?? 'GET',
    host: host ?? '',
    path: query < 0 ? target.path : target.path.slice(0, query),
    url: `${peer.scheme}://${target.authority}${target.path}`,
    headers: `${head.flat === '' ? '' : `${head.flat}\n`}x-request-id\n${requestId}\ncf-connecting-ip\n${peer.address}\nx-real-ip\n${peer.address}\nx-forwarded-for\n${peer.address}\nx-forwarded-proto\n${peer.scheme}`,
    clientAddress: peer.address,
    hasBody: request.headers['transfer-encoding'] !== undefined || Number(length ?? 0) > 0,
    contentLength: Number(length ?? 0),
  };
}

/**
 * Clients of proxies send absolute targets (RFC 9112 §3.2.2). One that names another host than the
 * `Host` header is refused: two parties would route it differently.
 */
function targetOf(url: string, hostHeader: string): { authority: string; path: string } {
  if (url.charCodeAt(0) === 47) return { authority: hostHeader, path: url };
  const match = absoluteForm.exec(url);
  if (match === null) return { authority: hostHeader, path: url };
  const [, authority = '', rest = ''] = match;
  const isSame = authority.toLowerCase() === hostHeader.toLowerCase();
  return { authority: isSame ? hostHeader : '', path: rest.startsWith('/') ? rest : `/${rest}` };
}

function problemOf(
  raw: readonly string[],
  {
    head,
    host,
    context,
    isPath,
  }: {
    head: RequestHead;
    host: string | undefined;
    context: ExchangeContext;
    isPath: boolean;
  },
): ErrorCode | undefined {
  if (raw.length > context.maxHeaderCount * 2) return 'headers_too_large';
  if (head.hostCount !== 1 || host === undefined) return 'invalid_host';
  // `OPTIONS *` asks about a server as a whole; there is no worker to ask.
  return isPath ? undefined : 'bad_request';
}

/** The client's address and scheme; what headers say counts only from a trusted proxy. */
function peerOf(
  connection: ClientConnection,
  { head, context }: { head: RequestHead; context: ExchangeContext },
): { address: string; scheme: 'http' | 'https' } {
  const { remoteAddress } = connection;
  if (head.proxyHeaders === undefined || !connection.isTrustedProxy) {
    return { address: remoteAddress, scheme: context.publicScheme };
  }
  const headers = forwardingHeaders(head.proxyHeaders);
  return {
    address: clientBehind(remoteAddress, { headers, proxies: context.proxies }),
    scheme: schemeBehind(headers) ?? context.publicScheme,
  };
}
