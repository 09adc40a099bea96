import { TypeError } from '../primordials.ts';
import { LazyPromise } from '../safe-promise.ts';
import { ByteController } from './byte-controller.ts';
import { Queue } from './queue.ts';
import { attachReader, detachReader, failRequests } from './readable-state.ts';
import type { ReadableState, ReaderState, ReadIntoRequest } from './readable-state.ts';

/** A reader that brings its own buffers; https://streams.spec.whatwg.org/#byob-reader-class */
export class ByobReaderState implements ReaderState {
  stream: ReadableState | undefined;
  closed = new LazyPromise();
  readonly requests = undefined;
  readonly intoRequests = new Queue<ReadIntoRequest>();

  /** Throws a TypeError when the stream is locked or no byte stream. */
  constructor(stream: ReadableState) {
    if (!(stream.controller instanceof ByteController)) {
      throw new TypeError('The stream is not a byte stream');
    }
    attachReader(stream, this);
    this.stream = stream;
  }

  /** The view must not be empty; `minimumElements` is at least 1. */
  read(view: ArrayBufferView, minimumElements: number, request: ReadIntoRequest): void {
    const { stream } = this;
    if (stream === undefined) {
      request.error(new TypeError('The reader has been released'));
      return;
    }
    stream.isDisturbed = true;
    const { controller } = stream;
    if (stream.status === 'errored') request.error(stream.storedError);
    else if (controller instanceof ByteController) {
      controller.pullInto(view, minimumElements, request);
    }
  }

  release(): void {
    if (this.stream === undefined) return;
    detachReader(this.stream, this);
    failRequests(this, new TypeError('The reader has been released'));
  }
}
