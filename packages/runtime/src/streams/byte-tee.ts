import { ArrayBufferIsView, TypeError } from '../primordials.ts';
import { enqueueMicrotask, react } from '../safe-promise.ts';
import { copyBytes } from '../webidl/buffer-source.ts';
import { ByobReaderState } from './byob-reader-state.ts';
import type { ByteController } from './byte-controller.ts';
import { createByteReadable } from './create-readable.ts';
import { DefaultReaderState } from './readable-state.ts';
import type { ReadableState } from './readable-state.ts';
import { TeeCancellation } from './tee-cancellation.ts';
import type { TeeEnd } from './tee-cancellation.ts';

interface Branch {
  readonly stream: ReadableState;
  readonly controller: ByteController;
  readonly end: TeeEnd;
  /** It wanted more while a read was under way. */
  readAgain: boolean;
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee */
export class ByteTee {
  readonly first: Branch;
  readonly second: Branch;
  readonly #source: ReadableState;
  readonly #cancellation: TeeCancellation;
  /** Of the kind that the branch that reads needs. */
  #reader: DefaultReaderState | ByobReaderState;
  #isReading = false;

  constructor(source: ReadableState) {
    this.#source = source;
    this.#reader = new DefaultReaderState(source);
    this.#cancellation = new TeeCancellation(source);
    this.first = this.#branch(this.#cancellation.first);
    this.second = this.#branch(this.#cancellation.second);
    this.first.controller.start(undefined);
    this.second.controller.start(undefined);
    this.#forwardErrors(this.#reader);
  }

  #branch(end: TeeEnd): Branch {
    const { stream, controller } = createByteReadable({
      pull: () => this.#pull(branch),
      cancel: (reason) => this.#cancellation.cancel(end, reason),
    });
    const branch: Branch = { stream, controller, end, readAgain: false };
    return branch;
  }

  #forwardErrors(reader: DefaultReaderState | ByobReaderState): void {
    react(reader.closed.promise, ignore, (reason) => {
      if (reader !== this.#reader) return;
      this.#errorBoth(reason);
      this.#cancellation.sourceEnded();
    });
  }

  #pull(branch: Branch): undefined {
    if (this.#isReading) {
      branch.readAgain = true;
      return undefined;
    }
    this.#isReading = true;
    const view = branch.controller.byobRequest?.view ?? undefined;
    if (view === undefined) this.#read();
    else this.#readInto(view, branch);
    return undefined;
  }

  #read(): void {
    if (!(this.#reader instanceof DefaultReaderState)) {
      this.#reader.release();
      this.#reader = new DefaultReaderState(this.#source);
      this.#forwardErrors(this.#reader);
    }
    this.#reader.read({
      chunk: (chunk) => enqueueMicrotask(() => this.#deliver(chunk)),
      close: () => this.#closeBoth(),
      error: () => {
        this.#isReading = false;
      },
    });
  }

  #readInto(view: ArrayBufferView, reading: Branch): void {
    if (!(this.#reader instanceof ByobReaderState)) {
      this.#reader.release();
      this.#reader = new ByobReaderState(this.#source);
      this.#forwardErrors(this.#reader);
    }
    const other = reading === this.first ? this.second : this.first;
    this.#reader.read(view, 1, {
      chunk: (chunk) => enqueueMicrotask(() => this.#deliverFilled(chunk, reading, other)),
      close: (chunk) => this.#closeFilled(chunk, reading, other),
      error: () => {
        this.#isReading = false;
      },
    });
  }

  #deliver(chunk: unknown): void {
    this.#startDelivery();
    const { first, second } = this;
    const areBothOpen = !first.end.isCancelled && !second.end.isCancelled;
    const copy = areBothOpen ? this.#copyOf(chunk) : chunk;
    if (!ArrayBufferIsView(chunk) || !ArrayBufferIsView(copy)) return;
    if (!first.end.isCancelled) first.controller.enqueue(chunk);
    if (!second.end.isCancelled) second.controller.enqueue(copy);
    this.#finishDelivery();
  }

  #deliverFilled(chunk: unknown, reading: Branch, other: Branch): void {
    this.#startDelivery();
    if (!ArrayBufferIsView(chunk)) return;
    const copy = other.end.isCancelled ? undefined : this.#copyOf(chunk);
    if (!other.end.isCancelled && copy === undefined) return;
    if (!reading.end.isCancelled) reading.controller.respondWithNewView(chunk);
    if (copy !== undefined) other.controller.enqueue(copy);
    this.#finishDelivery();
  }

  /** Undefined, and the tee is over, when there is no memory for a copy. */
  #copyOf(chunk: unknown): Uint8Array<ArrayBuffer> | undefined {
    try {
      if (!ArrayBufferIsView(chunk)) throw new TypeError('The chunk is not a view on a buffer');
      return copyBytes(chunk);
    } catch (error) {
      this.#errorBoth(error);
      this.#cancellation.cancelSource(error);
      return undefined;
    }
  }

  #startDelivery(): void {
    this.first.readAgain = false;
    this.second.readAgain = false;
  }

  #finishDelivery(): void {
    this.#isReading = false;
    if (this.first.readAgain) this.#pull(this.first);
    else if (this.second.readAgain) this.#pull(this.second);
  }

  #closeBoth(): void {
    this.#isReading = false;
    const { first, second } = this;
    if (!first.end.isCancelled) first.controller.close();
    if (!second.end.isCancelled) second.controller.close();
    if (first.controller.hasPending) first.controller.respond(0);
    if (second.controller.hasPending) second.controller.respond(0);
    this.#cancellation.sourceEnded();
  }

  #closeFilled(chunk: unknown, reading: Branch, other: Branch): void {
    this.#isReading = false;
    if (!reading.end.isCancelled) reading.controller.close();
    if (!other.end.isCancelled) other.controller.close();
    if (ArrayBufferIsView(chunk)) {
      if (!reading.end.isCancelled) reading.controller.respondWithNewView(chunk);
      if (!other.end.isCancelled && other.controller.hasPending) other.controller.respond(0);
    }
    this.#cancellation.sourceEnded();
  }

  #errorBoth(reason: unknown): void {
    this.first.controller.error(reason);
    this.second.controller.error(reason);
  }
}

function ignore(): void {
  // The read requests hear of the end.
}
