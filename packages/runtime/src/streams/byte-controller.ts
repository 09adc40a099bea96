import {
  ArrayBufferPrototypeByteLength,
  ArrayBufferPrototypeDetached,
  ArrayBufferPrototypeTransfer,
  newList,
  RangeError,
  TypedArrayPrototypeBuffer,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { extentOf } from '../webidl/buffer-source.ts';
import { ByteQueue } from './byte-queue.ts';
import { allocatePullInto, commit, commitAll, fillFromQueue, pullIntoOf } from './pull-into.ts';
import type { PullInto } from './pull-into.ts';
import { PullLoop } from './pull-loop.ts';
import { Queue } from './queue.ts';
import type {
  ReadableController,
  ReadableState,
  ReadIntoRequest,
  ReadRequest,
} from './readable-state.ts';

/** What the source of a byte stream does; undefined or an undefined result is done at once. */
export interface ByteSource {
  readonly pull: (() => Promise<unknown> | undefined) | undefined;
  readonly cancel: ((reason: unknown) => Promise<unknown> | undefined) | undefined;
  readonly highWaterMark: number;
  readonly autoAllocateChunkSize: number | undefined;
}

/** The buffer that a source may fill; it is void once it was filled or another took its place. */
export class ByobRequest {
  controller: ByteController | undefined;
  view: Uint8Array<ArrayBuffer> | null;

  constructor(controller: ByteController, view: Uint8Array<ArrayBuffer>) {
    this.controller = controller;
    this.view = view;
  }
}

/** https://streams.spec.whatwg.org/#rbs-controller-class */
export class ByteController implements ReadableController {
  readonly stream: ReadableState;
  readonly #queue = new ByteQueue();
  readonly #highWaterMark: number;
  readonly #autoAllocateChunkSize: number | undefined;
  #pending = new Queue<PullInto>();
  #byobRequest: ByobRequest | undefined = undefined;
  readonly #loop: PullLoop;
  #cancel: ByteSource['cancel'];
  #isCloseRequested = false;

  constructor(stream: ReadableState, source: ByteSource) {
    this.stream = stream;
    this.#highWaterMark = source.highWaterMark;
    this.#autoAllocateChunkSize = source.autoAllocateChunkSize;
    this.#cancel = source.cancel;
    this.#loop = new PullLoop({
      pull: source.pull,
      shouldPull: () => this.#shouldPull(),
      onError: (reason) => this.error(reason),
    });
    stream.controller = this;
  }

  /** Pulls when the result of the start algorithm, promise or not, has settled. */
  start(result: unknown): void {
    this.#loop.start(result);
  }

  startNow(): void {
    this.#loop.startNow();
  }

  get desiredSize(): number | null {
    if (this.stream.status === 'errored') return null;
    return this.stream.status === 'closed' ? 0 : this.#highWaterMark - this.#queue.sizeBytes;
  }

  /** Whether a buffer waits to be filled. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#isCloseRequested && this.stream.status === 'readable';
  }

  /** Undefined when no reader waits with a buffer. */
  get byobRequest(): ByobRequest | undefined {
    const first = this.#pending.peek();
    if (this.#byobRequest === undefined && first !== undefined) {
      const start = first.byteOffset + first.bytesFilled;
      const view = new Uint8Array(first.buffer, start, first.missingBytes);
      this.#byobRequest = new ByobRequest(this, view);
    }
    return this.#byobRequest;
  }

  /** Throws a TypeError when an element of a waiting view is incomplete. */
  close(): void {
    if (!this.canCloseOrEnqueue) return;
    if (this.#queue.sizeBytes > 0) {
      this.#isCloseRequested = true;
      return;
    }
    if ((this.#pending.peek()?.remainderBytes ?? 0) !== 0) {
      const error = new TypeError('The last element is incomplete');
      this.error(error);
      throw error;
    }
    this.#clearAlgorithms();
    this.stream.close();
  }

  /** Takes the buffer of the view over; a TypeError if that cannot be done. */
  enqueue(chunk: ArrayBufferView): void {
    if (!this.canCloseOrEnqueue) return;
    const { buffer, byteOffset, byteLength } = extentOf(chunk);
    if (ArrayBufferPrototypeDetached(buffer)) throw new TypeError('The buffer is detached');
    const transferred = ArrayBufferPrototypeTransfer(buffer);
    const first = this.#pending.peek();
    if (first !== undefined) this.#reclaimFirst(first);
    const { reader } = this.stream;
    if (reader?.requests !== undefined) {
      this.#serveRequests(reader.requests);
      const request = reader.requests.shift();
      if (request === undefined) this.#queue.push(transferred, byteOffset, byteLength);
      else {
        this.#pending.shift();
        request.chunk(new Uint8Array(transferred, byteOffset, byteLength));
      }
    } else {
      this.#queue.push(transferred, byteOffset, byteLength);
      if (reader !== undefined) commitAll(this.stream, fillFromQueue(this.#queue, this.#pending));
    }
    this.#loop.pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.status !== 'readable') return;
    this.#clearPending();
    this.#queue.clear();
    this.#clearAlgorithms();
    this.stream.error(reason);
  }

  cancel(reason: unknown): Promise<unknown> | undefined {
    this.#clearPending();
    this.#queue.clear();
    const cancel = this.#cancel;
    const result = cancel?.(reason);
    this.#clearAlgorithms();
    return result;
  }

  pull(request: ReadRequest): void {
    if (this.#queue.sizeBytes > 0) {
      this.#serve(request);
      return;
    }
    if (this.#autoAllocateChunkSize !== undefined) {
      try {
        this.#pending.push(allocatePullInto(this.#autoAllocateChunkSize));
      } catch (error) {
        request.error(error);
        return;
      }
    }
    this.stream.reader?.requests?.push(request);
    this.#loop.pullIfNeeded();
  }

  /** https://streams.spec.whatwg.org/#readable-byte-stream-controller-pull-into */
  pullInto(view: ArrayBufferView, minimumElements: number, request: ReadIntoRequest): void {
    let pullInto: PullInto;
    try {
      pullInto = pullIntoOf(view, minimumElements);
    } catch (error) {
      request.error(error);
      return;
    }
    if (this.#pending.length > 0) this.#wait(pullInto, request);
    else if (this.stream.status === 'closed') {
      request.close(pullInto.take());
    } else if (this.#queue.sizeBytes > 0 && this.#queue.fill(pullInto)) {
      const filled = pullInto.take();
      this.#queueDrained();
      request.chunk(filled);
    } else if (this.#isCloseRequested) {
      const error = new TypeError('The stream ends within an element');
      this.error(error);
      request.error(error);
    } else {
      this.#wait(pullInto, request);
      this.#loop.pullIfNeeded();
    }
  }

  /** The source has written so many bytes into the BYOB request's view. */
  respond(bytesWritten: number): void {
    const first = this.#pending.peek();
    if (first === undefined) return;
    if (this.stream.status === 'closed') {
      if (bytesWritten !== 0) throw new TypeError('The stream is closed: respond with 0');
    } else {
      if (bytesWritten === 0) throw new TypeError('No bytes were written');
      if (bytesWritten > first.missingBytes) throw new RangeError('More bytes than the view has');
    }
    first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
    this.#respond(first, bytesWritten);
  }

  /** The source has filled the view, which lies where the BYOB request's did. */
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pending.peek();
    if (first === undefined) return;
    const { buffer, byteOffset, byteLength } = extentOf(view);
    if (this.stream.status === 'closed') {
      if (byteLength !== 0) throw new TypeError('The stream is closed: respond with an empty view');
    } else if (byteLength === 0) throw new TypeError('The view is empty');
    const isPlaceRight =
      first.byteOffset + first.bytesFilled === byteOffset &&
      first.bufferByteLength === ArrayBufferPrototypeByteLength(buffer) &&
      byteLength <= first.missingBytes;
    if (!isPlaceRight) throw new RangeError('The view does not lie in the requested place');
    first.buffer = ArrayBufferPrototypeTransfer(buffer);
    this.#respond(first, byteLength);
  }

  release(): void {
    const first = this.#pending.peek();
    if (first === undefined) return;
    first.readerType = 'none';
    this.#pending = new Queue();
    this.#pending.push(first);
  }

  #wait(pullInto: PullInto, request: ReadIntoRequest): void {
    this.#pending.push(pullInto);
    this.stream.reader?.intoRequests?.push(request);
  }

  /** Takes the buffer back that a source may be writing to. */
  #reclaimFirst(first: PullInto): void {
    if (ArrayBufferPrototypeDetached(first.buffer)) {
      throw new TypeError('The buffer of the BYOB request is detached');
    }
    this.#invalidateRequest();
    first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
    if (first.readerType === 'none') this.#keepFilled(first);
  }

  /** What a released reader's buffer holds goes into the queue. */
  #keepFilled(first: PullInto): void {
    this.#pending.shift();
    if (first.bytesFilled > 0) this.#pushCopy(first.buffer, first.byteOffset, first.bytesFilled);
  }

  #pushCopy(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    const copy = new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
    this.#queue.push(TypedArrayPrototypeBuffer(copy), 0, byteLength);
  }

  #respond(first: PullInto, bytesWritten: number): void {
    this.#invalidateRequest();
    if (this.stream.status === 'closed') this.#respondClosed(first);
    else this.#respondReadable(first, bytesWritten);
    this.#loop.pullIfNeeded();
  }

  #respondClosed(first: PullInto): void {
    if (first.readerType === 'none') this.#pending.shift();
    const waiting = this.stream.reader?.intoRequests?.length ?? 0;
    const filled = newList<PullInto>();
    for (let i = 0; i < waiting; i += 1) {
      const pullInto = this.#pending.shift();
      if (pullInto !== undefined) filled[filled.length] = pullInto;
    }
    commitAll(this.stream, filled);
  }

  #respondReadable(first: PullInto, bytesWritten: number): void {
    first.bytesFilled += bytesWritten;
    if (first.readerType === 'none') {
      this.#keepFilled(first);
      commitAll(this.stream, fillFromQueue(this.#queue, this.#pending));
      return;
    }
    if (first.bytesFilled < first.minimumFill) return;
    this.#pending.shift();
    const { remainderBytes } = first;
    if (remainderBytes > 0) {
      const end = first.byteOffset + first.bytesFilled;
      this.#pushCopy(first.buffer, end - remainderBytes, remainderBytes);
      first.bytesFilled -= remainderBytes;
    }
    const filled = fillFromQueue(this.#queue, this.#pending);
    commit(this.stream, first);
    commitAll(this.stream, filled);
  }

  #serveRequests(requests: Queue<ReadRequest>): void {
    while (this.#queue.sizeBytes > 0) {
      const request = requests.shift();
      if (request === undefined) return;
      this.#serve(request);
    }
  }

  #serve(request: ReadRequest): void {
    const view = this.#queue.shift();
    this.#queueDrained();
    request.chunk(view);
  }

  #queueDrained(): void {
    if (this.#queue.sizeBytes === 0 && this.#isCloseRequested) {
      this.#clearAlgorithms();
      this.stream.close();
    } else this.#loop.pullIfNeeded();
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue) return false;
    const { reader } = this.stream;
    const waiting = (reader?.requests ?? reader?.intoRequests)?.length ?? 0;
    return waiting > 0 || this.#highWaterMark - this.#queue.sizeBytes > 0;
  }

  #invalidateRequest(): void {
    if (this.#byobRequest === undefined) return;
    this.#byobRequest.controller = undefined;
    this.#byobRequest.view = null;
    this.#byobRequest = undefined;
  }

  #clearPending(): void {
    this.#invalidateRequest();
    this.#pending = new Queue();
  }

  #clearAlgorithms(): void {
    this.#loop.stop();
    this.#cancel = undefined;
  }
}
