import { hostOps } from '../boundary.ts';
import { host } from '../dispatch/host.ts';
import { ArrayBufferPrototypeByteLength, newList, TypeError, Uint8Array } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { Queue } from '../streams/queue.ts';
import { concatBytes } from '../webidl/buffer-source.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes on their way or waiting here at any time: more is not asked for. */
const windowBytes = 262_144;

/** Who takes the bytes of a request body as they come. */
interface BodySink {
  /** False when it cannot take them now: they wait. */
  chunk(bytes: Bytes): boolean;
  end(): void;
  fail(reason: unknown): void;
}

/** The body of a request that the sandbox sends piece by piece, when asked to. */
export class IncomingBody {
  readonly #eventId: number;
  readonly #waiting = new Queue<Bytes>();
  #sink: BodySink | undefined = undefined;
  #requestedBytes = 0;
  #status: 'open' | 'ended' | 'failed' | 'cancelled' = 'open';
  #failure: unknown = undefined;

  constructor(eventId: number) {
    this.#eventId = eventId;
  }

  /** Reads everything. Only one of the reading methods may be called, once. */
  collect(onBytes: (bytes: Bytes) => void, onError: (reason: unknown) => void): void {
    const parts: List<Bytes> = newList();
    this.attach({
      chunk: (bytes) => {
        parts[parts.length] = bytes;
        return true;
      },
      end: () => onBytes(concatBytes(parts)),
      fail: onError,
    });
    this.#request();
  }

  /** Sends what comes to the sink. Only one of the reading methods may be called, once. */
  attach(sink: BodySink): void {
    this.#sink = sink;
    this.#finishIfDrained();
  }

  /** The oldest bytes that the sink did not take. */
  takeWaiting(): Bytes | undefined {
    return this.#waiting.shift();
  }

  /** The sink can take more. */
  advance(): void {
    this.#finishIfDrained();
    this.#request();
  }

  /** The rest is not wanted. */
  cancel(): void {
    if (this.#status !== 'open') return;
    this.#status = 'cancelled';
    host(hostOps.cancelRequestBody, this.#eventId);
  }

  receiveChunk(buffer: ArrayBuffer): void {
    const bytes = new Uint8Array(buffer);
    this.#requestedBytes -= ArrayBufferPrototypeByteLength(buffer);
    if (this.#status !== 'open') return;
    if (this.#sink?.chunk(bytes) !== true) {
      this.#waiting.pushSized(bytes, ArrayBufferPrototypeByteLength(buffer));
    }
    this.#request();
  }

  receiveEnd(): void {
    if (this.#status !== 'open') return;
    this.#status = 'ended';
    this.#finishIfDrained();
  }

  /** The body broke off, or the event is over. */
  receiveError(message: string): void {
    if (this.#status !== 'open') return;
    this.#status = 'failed';
    this.#failure = new TypeError(message);
    this.#waiting.clear();
    this.#finishIfDrained();
  }

  #finishIfDrained(): void {
    if (this.#waiting.length > 0 || this.#sink === undefined) return;
    if (this.#status === 'ended') this.#sink.end();
    else if (this.#status === 'failed') this.#sink.fail(this.#failure);
  }

  /** Tops the window up when it is half empty. */
  #request(): void {
    if (this.#status !== 'open' || this.#sink === undefined) return;
    const missing = windowBytes - this.#requestedBytes - this.#waiting.totalSize;
    if (missing < windowBytes / 2) return;
    this.#requestedBytes += missing;
    host(hostOps.pullRequestBody, this.#eventId, missing);
  }
}
