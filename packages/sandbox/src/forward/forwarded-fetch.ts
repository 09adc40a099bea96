import {
  streamedBody,
  type IncomingFetch,
  type RequestBodySink,
  type ResponseTarget,
  type RunningEvent,
  type VersionKey,
} from '../engine/worker-engine.ts';
import type { FetchDispatcher } from '../http/http-exchange.ts';
import type { FramedPipe } from '../protocol/framed-pipe.ts';
import {
  frameTypes,
  type ForwardedFailure,
  type ForwardedResponse,
  type ForwardQuestion,
  type StreamReset,
} from '../protocol/messages.ts';
import { streamWindowBytes, type PipeStream, type StreamHandler } from '../protocol/pipe-stream.ts';
import type { StreamTable } from '../protocol/stream-table.ts';
import { Tunnel } from './tunnel.ts';

/** Has requests run in another sandbox, over the runner. */
export class ForwardDispatcher implements FetchDispatcher {
  readonly #pipe: FramedPipe;
  readonly #streams: StreamTable;

  constructor(pipe: FramedPipe, streams: StreamTable) {
    this.#pipe = pipe;
    this.#streams = streams;
  }

  dispatchFetch(key: VersionKey, request: IncomingFetch, target: ResponseTarget): RunningEvent {
    const forwarded = new ForwardedFetch(request, target);
    const isUpgrade = request.isUpgrade === true;
    // What the client sends after an upgrade travels as the body.
    const hasBody = request.body !== undefined || isUpgrade;
    const stream = this.#streams.open(forwarded, { hasBody });
    if (stream === undefined) {
      target.fail('Overloaded');
      return forwarded;
    }
    this.#pipe.sendJson(frameTypes.forward, stream.id, {
      key,
      requestId: request.requestId,
      method: request.method,
      url: request.url,
      headers: request.headers,
      hasBody,
      isUpgrade,
      depth: request.depth,
    } satisfies ForwardQuestion);
    forwarded.start(stream);
    return forwarded;
  }
}

/**
 * One request on its way to another sandbox. Its invocation is recorded there, where it ran, so the
 * target is never told `done`.
 */
class ForwardedFetch implements StreamHandler, RunningEvent {
  readonly #request: IncomingFetch;
  readonly #target: ResponseTarget;
  #stream: PipeStream | undefined;
  /** Once the client's connection is a WebSocket. */
  #tunnel: Tunnel | undefined;

  constructor(request: IncomingFetch, target: ResponseTarget) {
    this.#request = request;
    this.#target = target;
  }

  start(stream: PipeStream): void {
    this.#stream = stream;
    const sink: RequestBodySink = {
      chunk: (bytes) => stream.send(bytes),
      end: () => stream.end(),
      error: (reason) => stream.reset(reason),
    };
    this.#request.body?.start(sink);
    this.#request.body?.pull(streamWindowBytes);
  }

  /** The client has taken so many bytes of the response. */
  credit(bytes: number): void {
    if (this.#tunnel === undefined) this.#stream?.grant(bytes);
  }

  disconnect(): void {
    // A client that has only stopped sending still waits for the rest; the tunnel sees when it goes.
    if (this.#tunnel === undefined) this.#stream?.leave();
  }

  /** So many bytes of the request body have left. */
  sent(bytes: number): void {
    if (this.#tunnel === undefined) this.#request.body?.pull(bytes);
    else this.#tunnel.sent(bytes);
  }

  response({ status, headers, hasBody }: ForwardedResponse): void {
    if (status === 101) {
      this.#upgrade(headers);
      return;
    }
    this.#target.head(status, headers, hasBody ? streamedBody : null);
  }

  data(bytes: Uint8Array): void {
    if (this.#tunnel === undefined) this.#target.chunk(bytes);
    else this.#tunnel.data(bytes);
  }

  end(): void {
    if (this.#tunnel === undefined) this.#target.end();
    else this.#tunnel.end();
  }

  failure({ reason }: ForwardedFailure): void {
    this.#target.fail(reason);
  }

  reset(reason: StreamReset['reason']): void {
    if (reason === 'unwanted') this.#request.body?.cancel();
    else if (this.#tunnel === undefined) this.#target.abort();
    else this.#tunnel.abort();
  }

  clientGone(): void {
    // Only the side that runs a request hears this.
  }

  #upgrade(headers: string): void {
    const client = this.#target.upgrade(headers);
    if (client !== undefined && this.#stream !== undefined) {
      this.#tunnel = new Tunnel(client, this.#stream);
      return;
    }
    this.#target.fail('Exception');
    this.#stream?.leave();
  }
}
