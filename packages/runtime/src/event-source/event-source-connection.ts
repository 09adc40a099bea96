import { createStreamDecoder } from '../encoding/create-stream-decoder.ts';
import type { StreamDecoder } from '../encoding/stream-decoder.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import { LazyAbortSignal } from '../events/lazy-abort-signal.ts';
import { fetch } from '../fetch/fetch.ts';
import { responseStateOf, type ResponseState } from '../fetch/response.ts';
import {
  RegExpPrototypeExec,
  StringFromCharCode,
  TypedArrayPrototypeByteLength,
} from '../primordials.ts';
import { react } from '../safe-promise.ts';
import { ReadLoop, type ChunkConsumer } from '../streams/read-loop.ts';
import { isUint8Array } from '../webidl/buffer-source.ts';
import { EventStreamParser, type EventStreamListener } from './event-stream-parser.ts';

const eventStreamType = /^[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;|$)/i;

/** Told one of `failed` and `ended` at most, after which nothing more comes. */
export interface ConnectionOwner extends EventStreamListener {
  /** The response is an event stream; it came from this URL. */
  opened(url: string): void;
  /** The server does not want to be asked again. */
  failed(): void;
  /** The network broke off, or the stream came to its end. */
  ended(): void;
}

/** One request for an event stream, until its end. */
export class EventSourceConnection implements ChunkConsumer {
  readonly #owner: ConnectionOwner;
  readonly #signal = new LazyAbortSignal(undefined);
  readonly #decoder: StreamDecoder = createStreamDecoder('utf-8', false);
  readonly #parser: EventStreamParser;
  #isOver = false;

  constructor(url: string, lastEventId: string, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#parser = new EventStreamParser(lastEventId, owner);
    const headers = { __proto__: null, accept: 'text/event-stream' };
    const sent =
      lastEventId === '' ? headers : { ...headers, 'last-event-id': toHeaderValue(lastEventId) };
    const { signal } = this.#signal;
    const init = { __proto__: null, cache: 'no-store', headers: bare(sent), signal };
    react(
      fetch(url, init),
      (response) => this.#respond(responseStateOf(response)),
      () => this.#end(),
    );
  }

  /** Nothing more is wanted; the owner is told nothing. */
  close(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parser.stop();
    this.#signal.abort(reason);
  }

  chunk(chunk: unknown): boolean {
    if (this.#isOver || !isUint8Array(chunk)) return false;
    const length = TypedArrayPrototypeByteLength(chunk);
    this.#parser.push(this.#decoder.decode(chunk, length, false) ?? '');
    return !this.#isOver;
  }

  end(): void {
    this.#end();
  }

  fail(): void {
    this.#end();
  }

  #respond(response: ResponseState): void {
    if (this.#isOver) return;
    const { status, headers, body, url } = response;
    const isStream =
      status === 200 &&
      RegExpPrototypeExec(eventStreamType, headers.get('content-type') ?? '') !== null;
    if (!isStream) {
      this.close(undefined);
      this.#owner.failed();
      return;
    }
    this.#owner.opened(url);
    // A listener may have closed it.
    if (this.#isOver) return;
    const content = body === null ? '' : body.takeContent();
    if (typeof content !== 'string' && !isUint8Array(content)) {
      new ReadLoop(content, this).resume();
      return;
    }
    this.chunk(typeof content === 'string' ? encodeUtf8(content) : content);
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.ended();
  }
}

/** An object without a prototype that worker code could have changed. */
function bare(members: object): object {
  return { __proto__: null, ...members };
}

/** The id in UTF-8, as a header has it: one character per byte. */
function toHeaderValue(id: string): string {
  const bytes = encodeUtf8(id);
  const length = TypedArrayPrototypeByteLength(bytes);
  let value = '';
  for (let i = 0; i < length; i += 1) value += StringFromCharCode(bytes[i] ?? 0);
  return value;
}
