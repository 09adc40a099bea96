import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCatalogue, type ErrorCode } from '@openworkers/core/error-catalogue';
import type { TerminationReason } from '@openworkers/core/termination-reason';
import {
  streamedBody,
  type EventOutcome,
  type FailureReason,
  type ResponseBody,
  type ResponseTarget,
  type RunningEvent,
  type VersionKey,
  type WorkerEngine,
} from '../engine/worker-engine.ts';
import type { ClientConnection, ConnectionTimeouts } from './client-connection.ts';
import { preferredErrorForm, renderError, type ErrorForm } from './error-body.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { failureAnswer } from './failure-answer.ts';
import { RequestBody } from './request-body.ts';
import { readRequestLine, type RequestLine } from './request-line.ts';
import type { PreparedHeaders } from './response-headers.ts';
import { StreamedResponse } from './streamed-response.ts';
import { switchingProtocols } from './switching-protocols.ts';

const maxPathChars = 1024;
/** What the worker sees of the upgrade, though these headers are for one connection only. */
const upgradeHeaders = 'connection\nUpgrade\nupgrade\nwebsocket';
/** nginx's number for a client that left before the response head; never sent. */
const clientGoneStatus = 499;

/** `waiting` for a response head; `streaming` its body; `over` when nothing more may be written. */
type ExchangeState = 'waiting' | 'streaming' | 'over';

export interface ErrorAnswerOptions {
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly reason?: TerminationReason | undefined;
  /** As the client prefers when left out. */
  readonly form?: ErrorForm | undefined;
}

/** Runs a request somewhere: the engine of this process, or another sandbox. */
export type FetchDispatcher = Pick<WorkerEngine, 'dispatchFetch'>;

/** One HTTP request and its response. */
export class HttpExchange implements ResponseTarget {
  readonly connection: ClientConnection;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #context: ExchangeContext;
  readonly #isUpgrade: boolean;
  #line: RequestLine | undefined;
  /** For a request that is refused before its head is looked at. */
  #ownId: string | undefined;
  #state: ExchangeState = 'waiting';
  #status = 0;
  #running: RunningEvent | undefined;
  #isDisconnected = false;
  #body: RequestBody | undefined;
  #stream: StreamedResponse | undefined;

  constructor(
    connection: ClientConnection,
    parts: {
      request: IncomingMessage;
      response: ServerResponse;
      context: ExchangeContext;
      /** The client asks for a WebSocket, and the connection has no other use any more. */
      isUpgrade?: boolean;
    },
  ) {
    this.connection = connection;
    this.#request = parts.request;
    this.#response = parts.response;
    this.#context = parts.context;
    this.#isUpgrade = parts.isUpgrade ?? false;
  }

  get requestId(): string {
    return this.#line?.requestId ?? (this.#ownId ??= randomUUID());
  }

  /** Reads the head and decides who answers; called when the runner knows that this connection is busy. */
  start(): void {
    if (this.#state === 'over') return;
    this.#line = readRequestLine(this.#request, this.connection, this.#context);
    if (this.#line.problem !== undefined) this.answerError(this.#line.problem);
    else this.#context.handler.handle(this, this.#line);
  }

  /** Has a worker answer. */
  run(
    dispatcher: FetchDispatcher,
    { key, maxBodyBytes }: { key: VersionKey; maxBodyBytes: number },
  ): void {
    const line = this.#line;
    // The client may have gone while the route was looked up.
    if (line === undefined || this.#state !== 'waiting') return;
    if (line.hasBody) {
      if (line.contentLength > maxBodyBytes) return this.answerError('request_body_too_large');
      this.#body = this.#openBody(maxBodyBytes);
    }
    this.#running = dispatcher.dispatchFetch(
      key,
      {
        requestId: line.requestId,
        method: line.method,
        url: line.url,
        headers: this.#isUpgrade ? `${line.headers}\n${upgradeHeaders}` : line.headers,
        body: this.#body?.queue,
        depth: 0,
        isUpgrade: this.#isUpgrade,
      },
      this,
    );
    if (this.#isDisconnected) this.#running.disconnect();
  }

  head(status: number, headers: string, body: ResponseBody): void {
    if (this.#state !== 'waiting') return;
    const prepared = this.#context.responseHeaders.prepare(headers);
    if (prepared === undefined || !isSendableStatus(status)) {
      this.fail('Exception');
      this.#disconnectSoon();
      return;
    }
    if (body === streamedBody) this.#streamHead(status, prepared);
    else this.#sendWhole(status, prepared, body);
  }

  upgrade(headers: string): Duplex | undefined {
    const key = this.#request.headers['sec-websocket-key'];
    if (this.#state !== 'waiting' || !this.#isUpgrade || key === undefined) return undefined;
    const prepared = this.#context.responseHeaders.prepare(headers);
    if (prepared === undefined) return undefined;
    this.#state = 'over';
    this.#status = 101;
    const { socket } = this.connection;
    this.#response.detachSocket(socket);
    const { requestId } = this;
    socket.write(switchingProtocols(key, { pairs: prepared.pairs, requestId }), 'latin1');
    return socket;
  }

  chunk(bytes: ArrayBuffer | Uint8Array): void {
    if (this.#state === 'streaming') this.#stream?.write(bytes);
  }

  end(): void {
    if (this.#state !== 'streaming') return;
    this.#state = 'over';
    if (this.#stream?.end() === false) this.#cut();
  }

  abort(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#cut();
  }

  fail(reason: FailureReason): void {
    const { code, ...options } = failureAnswer(reason);
    this.answerError(code, options);
  }

  done(outcome: EventOutcome): void {
    // An engine that is done without a word has lost the event.
    if (this.#state === 'waiting') this.fail('Exception');
    const line = this.#line;
    if (line === undefined) return;
    this.#context.records.addInvocation({
      ...outcome,
      requestId: line.requestId,
      timeMs: Date.now(),
      method: line.method,
      path: line.path.slice(0, maxPathChars),
      status: this.#status,
    });
  }

  /** The platform's own answer. Does nothing once a head was sent. */
  answerError(code: ErrorCode, options: ErrorAnswerOptions = {}): void {
    const entry = errorCatalogue[code];
    const { requestId } = this;
    const message = options.message ?? entry.message;
    const { contentType, body } = renderError(
      { status: entry.status, code, message, requestId },
      options.form ?? preferredErrorForm(this.#request.headers.accept),
    );
    const pairs = ['content-type', contentType, 'cache-control', 'no-store'];
    if (options.reason !== undefined) pairs.push('x-termination-reason', options.reason);
    if (options.retryAfterSeconds !== undefined) {
      pairs.push('retry-after', String(options.retryAfterSeconds));
    }
    this.#answer(entry.status, pairs, body);
  }

  answerPage(contentType: string, body: string): void {
    this.#answer(200, ['content-type', contentType, 'cache-control', 'no-store'], body);
  }

  /** The client will send nothing more; it may still be reading. */
  halfClosed(): void {
    this.#disconnect();
  }

  /** What follows of this request cannot be read, or will not be. */
  refuse(code: ErrorCode, reason: 'aborted' | 'timeout' | 'too_large' = 'aborted'): void {
    this.connection.closeAfterResponse();
    if (this.#state === 'waiting') this.answerError(code);
    else if (this.#state === 'streaming') this.abort();
    this.#body?.break(reason);
    this.#disconnect();
  }

  /** The connection is gone. */
  closed(): void {
    if (this.#state === 'waiting') this.#status = clientGoneStatus;
    this.#state = 'over';
    this.#body?.break('aborted');
    this.#disconnect();
  }

  /** Called about once a second: gives up on a client that keeps the worker waiting for its body. */
  checkBody({ bodyIdle, linger }: Pick<ConnectionTimeouts, 'bodyIdle' | 'linger'>): void {
    const body = this.#body;
    if (body === undefined) return;
    if (body.isDiscardTooLong(linger)) this.connection.linger();
    else if (body.idleTicks() >= bodyIdle) this.refuse('request_timeout', 'timeout');
  }

  /** The response is out. Answers true when the request is too, so that the next one may come. */
  finish(): boolean {
    if (this.#request.readableEnded) return true;
    (this.#body ??= this.#openBody(0)).discardRest();
    return false;
  }

  #answer(status: number, pairs: string[], body: string): void {
    if (this.#state !== 'waiting') return;
    this.#sendWhole(status, { pairs, contentLength: undefined }, body);
  }

  #sendWhole(status: number, prepared: PreparedHeaders, body: string | ArrayBuffer | null): void {
    this.#state = 'over';
    this.#status = status;
    const response = this.#response;
    const headers = this.#headersFrom(prepared);
    const length = this.#wholeLength(status, prepared, body);
    if (length !== undefined) headers.push('content-length', String(length));
    response.writeHead(status, headers);
    if (body === null || body === '') response.end();
    else response.end(typeof body === 'string' ? body : new Uint8Array(body));
    this.connection.watchWrites();
  }

  /** Undefined where no length may be sent: RFC 9110 §8.6. */
  #wholeLength(
    status: number,
    prepared: PreparedHeaders,
    body: string | ArrayBuffer | null,
  ): number | undefined {
    if (status === 204 || status === 304) return undefined;
    if (body === null) return this.#isHead() ? prepared.contentLength : 0;
    return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  }

  #streamHead(status: number, prepared: PreparedHeaders): void {
    this.#status = status;
    const { contentLength } = prepared;
    const isBodiless = this.#isHead() || status === 204 || status === 304;
    const headers = this.#headersFrom(prepared);
    if (contentLength !== undefined && status !== 204) {
      headers.push('content-length', String(contentLength));
    }
    this.#response.writeHead(status, headers);
    if (isBodiless) {
      this.#state = 'over';
      this.#response.end();
      this.#disconnectSoon();
      return;
    }
    this.#state = 'streaming';
    this.#response.flushHeaders();
    this.#stream = new StreamedResponse({
      response: this.#response,
      contentLength,
      onTaken: (bytes) => this.#running?.credit(bytes),
      onWaiting: () => this.connection.watchWrites(),
    });
  }

  #headersFrom(prepared: PreparedHeaders): string[] {
    const headers = [...prepared.pairs, 'x-request-id', this.requestId];
    if (this.#mustClose()) {
      this.connection.closeAfterResponse();
      headers.push('connection', 'close');
    }
    return headers;
  }

  /** A large body that was not read would have to be received for nothing. */
  #mustClose(): boolean {
    if (this.connection.isClosing || this.#isUpgrade) return true;
    if (this.#request.complete) return false;
    this.#body ??= this.#openBody(0);
    return this.#body.isRestLarge;
  }

  #openBody(maxBytes: number): RequestBody {
    return new RequestBody({
      request: this.#request,
      response: this.#response,
      maxBytes,
      currentTick: this.#context.currentTick,
      onTooLarge: () => this.refuse('request_body_too_large', 'too_large'),
      onDiscarded: () => this.connection.bodyDiscarded(),
    });
  }

  /** Ends the connection so that the client sees its response is not complete. */
  #cut(): void {
    // A body without chunks or length ends with the connection, so only a reset tells.
    if (this.#request.httpVersionMinor === 0) this.connection.socket.resetAndDestroy();
    else this.connection.destroy();
  }

  #isHead(): boolean {
    return this.#request.method === 'HEAD';
  }

  /** Not while the engine is still in the call that led here. */
  #disconnectSoon(): void {
    setImmediate(() => this.#disconnect());
  }

  #disconnect(): void {
    if (this.#isDisconnected) return;
    this.#isDisconnected = true;
    this.#running?.disconnect();
  }
}

/** 1xx are not final, and 101 needs an upgraded connection. */
function isSendableStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}
