import type { Duplex } from 'node:stream';
import {
  streamedBody,
  type EventOutcome,
  type FailureReason,
  type ResponseBody,
  type ResponseTarget,
  type RunningEvent,
} from '../engine/worker-engine.ts';
import { BodyQueue } from '../http/body-queue.ts';
import type { InvocationLog } from '../http/exchange-context.ts';
import type { FetchDispatcher } from '../http/http-exchange.ts';
import type { ForwardedHead, StreamReset } from '../protocol/messages.ts';
import type { PipeStream, StreamHandler } from '../protocol/pipe-stream.ts';
import type { StreamTable } from '../protocol/stream-table.ts';
import { withContentLength } from './content-length.ts';
import { PipeDuplex } from './pipe-duplex.ts';
import { pathOfUrl } from './path-of-url.ts';

export interface IncomingFetchOptions {
  readonly streams: StreamTable;
  readonly engine: FetchDispatcher;
  readonly records: InvocationLog;
}

/** Runs a request that the runner forwarded from another sandbox. */
export function runIncomingFetch(
  id: number,
  head: ForwardedHead,
  { streams, engine, records }: IncomingFetchOptions,
): void {
  const request = new ForwardedRequest(head);
  const stream = streams.accept(id, request, { hasBody: head.hasBody });
  const { key, requestId, method, url, headers, depth, isUpgrade } = head;
  const body = request.openBody(stream);
  const target = new PipeResponse({ stream, head, records, request });
  request.start(
    engine.dispatchFetch(key, { requestId, method, url, headers, body, depth, isUpgrade }, target),
  );
}

/** What arrives from the other side of a forwarded request. */
class ForwardedRequest implements StreamHandler {
  readonly #hasBody: boolean;
  /** Once the connection of the client is a WebSocket. */
  #connection: PipeDuplex | undefined;
  #body: BodyQueue | undefined;
  #running: RunningEvent | undefined;
  #isClientGone = false;
  #sentBytes = 0;
  /** Later, because `sent` is called while the engine is still in the call that sends. */
  readonly #giveCredit = (): void => {
    const bytes = this.#sentBytes;
    this.#sentBytes = 0;
    this.#running?.credit(bytes);
  };

  constructor({ hasBody, isUpgrade }: ForwardedHead) {
    this.#hasBody = hasBody && !isUpgrade;
  }

  /** What follows of the client's bytes is for that connection. */
  upgraded(connection: PipeDuplex): void {
    this.#connection = connection;
  }

  openBody(stream: PipeStream): BodyQueue | undefined {
    if (!this.#hasBody) return undefined;
    this.#body = new BodyQueue({
      taken: (bytes) => stream.grant(bytes),
      cancelled: () => stream.refuseRest(),
      // Credit already keeps the sender from sending more than one window.
      pause: () => undefined,
      resume: () => undefined,
    });
    return this.#body;
  }

  start(running: RunningEvent): void {
    this.#running = running;
    if (this.#isClientGone) running.disconnect();
  }

  data(bytes: Uint8Array): void {
    this.#body?.push(bytes);
    this.#connection?.receive(bytes);
  }

  end(): void {
    this.#body?.complete();
    this.#connection?.receiveEnd();
  }

  reset(reason: StreamReset['reason']): void {
    if (reason === 'unwanted') return;
    this.#body?.break(reason);
    this.#connection?.destroy();
  }

  sent(bytes: number): void {
    if (this.#connection !== undefined) {
      this.#connection.sent(bytes);
      return;
    }
    if (this.#sentBytes === 0) setImmediate(this.#giveCredit);
    this.#sentBytes += bytes;
  }

  clientGone(): void {
    this.#isClientGone = true;
    this.#body?.break('aborted');
    this.#connection?.destroy();
    this.#running?.disconnect();
  }

  response(): void {
    // Only the side that asked hears this.
  }

  failure(): void {
    // Only the side that asked hears this.
  }
}

/** A response that goes to a client of another sandbox. */
class PipeResponse implements ResponseTarget {
  readonly #stream: PipeStream;
  readonly #head: ForwardedHead;
  readonly #records: InvocationLog;
  readonly #request: ForwardedRequest;
  #status = 0;

  constructor(options: {
    stream: PipeStream;
    head: ForwardedHead;
    records: InvocationLog;
    request: ForwardedRequest;
  }) {
    this.#stream = options.stream;
    this.#head = options.head;
    this.#records = options.records;
    this.#request = options.request;
  }

  head(status: number, headers: string, body: ResponseBody): void {
    this.#status = status;
    if (body === null) return this.#stream.respond({ status, headers, hasBody: false });
    if (body === streamedBody) return this.#stream.respond({ status, headers, hasBody: true });
    const bytes = typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body);
    this.#stream.respond({
      status,
      // The other side sees a stream; told the length, it need not send chunks.
      headers: withContentLength(headers, bytes.length),
      hasBody: true,
    });
    this.#stream.send(bytes);
    this.#stream.end();
  }

  upgrade(headers: string): Duplex | undefined {
    if (!this.#head.isUpgrade || this.#stream.isOver) return undefined;
    this.#status = 101;
    this.#stream.respond({ status: 101, headers, hasBody: true });
    const connection = new PipeDuplex(this.#stream);
    this.#request.upgraded(connection);
    return connection;
  }

  chunk(bytes: ArrayBuffer | Uint8Array): void {
    this.#stream.send(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  }

  end(): void {
    this.#stream.end();
  }

  abort(): void {
    this.#stream.reset('aborted');
  }

  fail(reason: FailureReason): void {
    this.#stream.fail({ reason });
  }

  done(outcome: EventOutcome): void {
    const { requestId, method, url } = this.#head;
    this.#records.addInvocation({
      ...outcome,
      requestId,
      timeMs: Date.now(),
      method,
      path: pathOfUrl(url),
      status: this.#status,
    });
  }
}
