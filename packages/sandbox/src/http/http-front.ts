import { randomUUID } from 'node:crypto';
import { Server, ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { errorCatalogue, type ErrorCode } from '@openworkers/core/error-catalogue';
import type { SocketMessage } from '../protocol/messages.ts';
import type { ConnectionTable } from './connection-table.ts';
import { renderError } from './error-body.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { HttpExchange } from './http-exchange.ts';
import { isWebSocketRequest } from './is-web-socket-request.ts';

export interface HttpFrontOptions {
  readonly connections: ConnectionTable;
  readonly context: ExchangeContext;
  readonly maxHeaderBytes: number;
}

/**
 * Speaks HTTP/1.1 on sockets that others accepted. Node's server never listens here: it is only
 * given connections, so its timers stay off and {@link ConnectionTable} watches instead.
 */
export class HttpFront {
  readonly #server: Server;
  readonly #connections: ConnectionTable;
  readonly #context: ExchangeContext;

  constructor({ connections, context, maxHeaderBytes }: HttpFrontOptions) {
    this.#connections = connections;
    this.#context = context;
    this.#server = new Server({
      maxHeaderSize: maxHeaderBytes,
      // A request without Host is answered like one with a bad Host, with a body that says so.
      requireHostHeader: false,
      optimizeEmptyRequests: true,
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      shouldUpgradeCallback: (request) => this.#canUpgrade(request),
    });
    // A client may close its writing side and still read: its answer is sent (`halfClosed`).
    Reflect.set(this.#server, 'httpAllowHalfOpen', true);
    // Counted by `readRequestLine`; Node would silently drop what is over its own limit.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', this.#onRequest);
    this.#server.on('checkContinue', this.#onRequest);
    this.#server.on('checkExpectation', this.#onRequest);
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#onClientError(error, socket),
    );
    this.#server.on('upgrade', (request, socket: Socket, head) =>
      this.#onUpgrade(request, { socket, head }),
    );
    // CONNECT has no meaning here.
    this.#server.on('connect', (_request: IncomingMessage, socket: Socket) =>
      this.#refuse(socket, 'bad_request'),
    );
  }

  /** Serves a connection that the runner handed over, or gives it back while draining. */
  accept(message: SocketMessage, socket: Socket): void {
    if (this.#connections.isDraining) return this.#connections.refuse(message.socketId, socket);
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    this.#server.emit('connection', socket);
    this.#connections.add(message, socket, () => this.#refuse(socket, 'request_timeout'));
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = this.#connections.find(request.socket);
    if (connection === undefined) {
      request.socket.destroy();
      return;
    }
    const exchange = new HttpExchange(connection, { request, response, context: this.#context });
    response.on('finish', () => connection.responded());
    connection.request(exchange);
  };

  /** Behind a request that was sent ahead, it is an ordinary one: its connection is in use. */
  #canUpgrade(request: IncomingMessage): boolean {
    const connection = this.#connections.find(request.socket);
    return connection?.isFree === true && isWebSocketRequest(request);
  }

  /** Node has taken its parser off the connection: whatever the answer, it is the last one. */
  #onUpgrade(request: IncomingMessage, { socket, head }: { socket: Socket; head: Buffer }): void {
    const connection = this.#connections.find(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    if (head.length > 0) socket.unshift(head);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    const exchange = new HttpExchange(connection, {
      request,
      response,
      context: this.#context,
      isUpgrade: true,
    });
    response.on('finish', () => connection.refusedUpgrade());
    connection.request(exchange);
  }

  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    switch (error.code) {
      case 'HPE_HEADER_OVERFLOW':
        return this.#refuse(socket, 'headers_too_large');
      case 'ECONNRESET':
      case 'EPIPE':
        socket.destroy();
        return;
      default:
        return this.#refuse(socket, 'bad_request');
    }
  }

  #refuse(socket: Socket, code: ErrorCode): void {
    const connection = this.#connections.find(socket);
    if (connection === undefined) socket.destroy();
    else connection.refuse(code, () => bareResponse(code));
  }
}

/** An answer where there is no request to answer to. */
function bareResponse(code: ErrorCode): string {
  const { status, message } = errorCatalogue[code];
  const requestId = randomUUID();
  const { contentType, body } = renderError({ status, code, message, requestId }, 'text');
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
