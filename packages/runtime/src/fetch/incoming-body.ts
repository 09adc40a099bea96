import { channelWindowBytes } from '../boundary.ts';
import { ArrayBufferPrototypeByteLength, newList, TypeError, Uint8Array } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { Queue } from '../streams/queue.ts';
import { concatBytes } from '../webidl/buffer-source.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes on their way or waiting here at any time: more is not asked for. */
const windowBytes = channelWindowBytes;

/** Who takes the bytes of a request body as they come. */
export interface BodySink {
  /** False when it cannot take them now: they wait. */
  chunk(bytes: Bytes): boolean;
  end(): void;
  fail(reason: unknown): void;
}

/** Where the bytes come from. */
export interface BodyOrigin {
  /** So many more bytes may be sent. */
  pull(bytes: number): void;
  /** The rest is not wanted. */
  cancel(): void;
  /** The rest need not come here; `onHandedOver` is called when nothing more will. */
  handOver?(onHandedOver: () => void): void;
}

/** The body of a message that the sandbox sends piece by piece, when asked to. */
export class IncomingBody {
  readonly #origin: BodyOrigin;
  readonly #waiting = new Queue<Bytes>();
  #sink: BodySink | undefined = undefined;
  #requestedBytes: number;
  #status: 'open' | 'ended' | 'failed' | 'cancelled' = 'open';
  #failure: unknown = undefined;
  #isHandingOver = false;

  /** @param requestedBytes May be sent without being asked for; at most the window. */
  constructor(origin: BodyOrigin, requestedBytes: number) {
    this.#origin = origin;
    this.#requestedBytes = requestedBytes;
  }

  /** Reads everything. Only one of the reading methods may be called, once. */
  collect(onBytes: (bytes: Bytes) => void, onError: (reason: unknown) => void): void {
    const parts: List<Bytes> = newList();
    // What came before anybody asked.
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
      parts[parts.length] = bytes;
    }
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

  /** Whether {@link handOver} can be called. */
  get canHandOver(): boolean {
    return this.#status === 'open' && this.#origin.handOver !== undefined;
  }

  /**
   * Has the rest go where the sink sends what it gets, without passing through here. The sink is
   * given what is here already and what was on its way, and must always take it.
   */
  handOver(sink: BodySink, onHandedOver: () => void): void {
    this.#isHandingOver = true;
    this.#sink = sink;
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
      sink.chunk(bytes);
    }
    this.#request();
    this.#origin.handOver?.(onHandedOver);
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
    this.#origin.cancel();
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
    this.fail(new TypeError(message));
  }

  /** Whoever reads gets the reason, also for bytes that wait here. */
  fail(reason: unknown): void {
    if (this.#status !== 'open') return;
    this.#status = 'failed';
    this.#failure = reason;
    this.#waiting.clear();
    this.#finishIfDrained();
  }

  #finishIfDrained(): void {
    if (this.#waiting.length > 0 || this.#sink === undefined) return;
    if (this.#status === 'ended') this.#sink.end();
    else if (this.#status === 'failed') this.#sink.fail(this.#failure);
  }

  /** Tops the window up when it is half empty, or at once when it must be known what was taken. */
  #request(): void {
    if (this.#status !== 'open' || this.#sink === undefined) return;
    const missing = windowBytes - this.#requestedBytes - this.#waiting.totalSize;
    if (missing < (this.#isHandingOver ? 1 : windowBytes / 2)) return;
    this.#requestedBytes += missing;
    this.#origin.pull(missing);
  }
}
