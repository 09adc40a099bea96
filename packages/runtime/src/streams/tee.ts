import { enqueueMicrotask, react } from '../safe-promise.ts';
import { ByteController } from './byte-controller.ts';
import { ByteTee } from './byte-tee.ts';
import { createReadable } from './create-readable.ts';
import type { DefaultController } from './readable-default-controller.ts';
import { DefaultReaderState } from './readable-state.ts';
import type { ReadableState, ReadRequest } from './readable-state.ts';
import { TeeCancellation } from './tee-cancellation.ts';
import type { TeeEnd } from './tee-cancellation.ts';

/** Makes the chunk that the second branch gets; throwing errors both branches. */
type CloneChunk = (chunk: unknown) => unknown;

interface Branch {
  readonly stream: ReadableState;
  readonly controller: DefaultController;
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee */
class DefaultTee implements ReadRequest {
  readonly first: Branch;
  readonly second: Branch;
  readonly #reader: DefaultReaderState;
  readonly #cancellation: TeeCancellation;
  readonly #cloneChunk: CloneChunk | undefined;
  #isReading = false;
  #readAgain = false;

  constructor(source: ReadableState, cloneChunk: CloneChunk | undefined) {
    this.#reader = new DefaultReaderState(source);
    this.#cancellation = new TeeCancellation(source);
    this.#cloneChunk = cloneChunk;
    this.first = this.#branch(this.#cancellation.first);
    this.second = this.#branch(this.#cancellation.second);
    this.first.controller.start(undefined);
    this.second.controller.start(undefined);
    react(this.#reader.closed.promise, ignore, (reason) => {
      this.#errorBoth(reason);
      this.#cancellation.sourceEnded();
    });
  }

  chunk(chunk: unknown): void {
    // Errors of the source must be seen before its chunks, hence not at once.
    enqueueMicrotask(() => this.#deliver(chunk));
  }

  close(): void {
    this.#isReading = false;
    const { first, second } = this.#cancellation;
    if (!first.isCancelled) this.first.controller.close();
    if (!second.isCancelled) this.second.controller.close();
    this.#cancellation.sourceEnded();
  }

  error(): void {
    this.#isReading = false;
  }

  #deliver(chunk: unknown): void {
    this.#readAgain = false;
    const { first, second } = this.#cancellation;
    let copy = chunk;
    if (!second.isCancelled && this.#cloneChunk !== undefined) {
      try {
        copy = this.#cloneChunk(chunk);
      } catch (error) {
        this.#errorBoth(error);
        this.#cancellation.cancelSource(error);
        return;
      }
    }
    if (!first.isCancelled) this.first.controller.enqueue(chunk);
    if (!second.isCancelled) this.second.controller.enqueue(copy);
    this.#isReading = false;
    if (this.#readAgain) this.#pull();
  }

  #pull(): undefined {
    if (this.#isReading) {
      this.#readAgain = true;
      return undefined;
    }
    this.#isReading = true;
    this.#reader.read(this);
    return undefined;
  }

  #branch(end: TeeEnd): Branch {
    return createReadable({
      highWaterMark: 1,
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancellation.cancel(end, reason),
    });
  }

  #errorBoth(reason: unknown): void {
    this.first.controller.error(reason);
    this.second.controller.error(reason);
  }
}

/**
 * Two streams with the chunks of the one, which is locked from then on; a TypeError if it was. The
 * branches of a byte stream are byte streams, and the second gets copies.
 */
export function teeReadable(
  stream: ReadableState,
  cloneChunk: CloneChunk | undefined,
): { first: ReadableState; second: ReadableState } {
  const { first, second } =
    stream.controller instanceof ByteController
      ? new ByteTee(stream)
      : new DefaultTee(stream, cloneChunk);
  return { first: first.stream, second: second.stream };
}

function ignore(): void {
  // The read request hears of the end.
}
