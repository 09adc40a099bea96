import { hostOps } from '../boundary.ts';
import { host } from '../dispatch/host.ts';
import {
  ArrayBufferPrototypeByteLength,
  newList,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { createReadable } from '../streams/create-readable.ts';
import { Queue } from '../streams/queue.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import { concatBytes } from '../webidl/buffer-source.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes on their way or waiting here at any time: more is not asked for. */
const windowBytes = 262_144;

/** Who takes the bytes of a request body as they come. */
interface BodySink {
  chunk(bytes: Bytes): void;
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
    this.#attach({
      chunk: (bytes) => {
        parts[parts.length] = bytes;
      },
      end: () => onBytes(concatBytes(parts)),
      fail: onError,
    });
    this.#request();
  }

  /** A stream of the bytes, which asks for more when it is read. */
  stream(): ReadableState {
    const { stream, controller } = createReadable({
      highWaterMark: 0,
      pull: () => {
        const bytes = this.#waiting.shift();
        if (bytes !== undefined) controller.enqueue(bytes);
        this.#finishIfDrained();
        this.#request();
        return undefined;
      },
      cancel: () => {
        this.cancel();
        return undefined;
      },
    });
    this.#attach({
      chunk: (bytes) => {
        if (stream.waitingReads > 0) controller.enqueue(bytes);
        else this.#waiting.pushSized(bytes, TypedArrayPrototypeByteLength(bytes));
      },
      end: () => controller.close(),
      fail: (reason) => controller.error(reason),
    });
    controller.startNow();
    return stream;
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
    this.#sink?.chunk(bytes);
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

  #attach(sink: BodySink): void {
    this.#sink = sink;
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
