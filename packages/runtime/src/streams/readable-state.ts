import type { IncomingBody } from '../fetch/incoming-body.ts';
import { TypeError } from '../primordials.ts';
import { LazyPromise, promiseReject, promiseResolve, transform } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { Queue } from './queue.ts';

/*
 * The streams as the runtime itself uses them: states without any object that worker code could
 * reach. The classes that worker code sees wrap them.
 */

/** https://streams.spec.whatwg.org/#read-request; called once, with one of the three. */
export interface ReadRequest {
  chunk(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

/** https://streams.spec.whatwg.org/#read-into-request */
export interface ReadIntoRequest {
  chunk(chunk: unknown): void;
  close(chunk: unknown): void;
  error(reason: unknown): void;
}

/** What a stream asks of its controller; https://streams.spec.whatwg.org/#rs-abstract-ops-used-by-controllers */
export interface ReadableController {
  /** Undefined when it is done at once. */
  cancel(reason: unknown): Promise<unknown> | undefined;
  pull(request: ReadRequest): void;
  release(): void;
}

/** A reader of either kind. */
export interface ReaderState {
  stream: ReadableState | undefined;
  closed: LazyPromise;
  /** The waiting requests of a default reader; undefined for a BYOB reader. */
  readonly requests: Queue<ReadRequest> | undefined;
  /** The waiting requests of a BYOB reader. */
  readonly intoRequests: Queue<ReadIntoRequest> | undefined;
}

export class ReadableState {
  status: 'readable' | 'closed' | 'errored' = 'readable';
  storedError: unknown = undefined;
  isDisturbed = false;
  reader: ReaderState | undefined = undefined;
  controller: ReadableController = unattached;
  /** Where all its bytes come from, when the sandbox sends them; see `streamOfIncoming`. */
  incoming: IncomingBody | undefined = undefined;
  // oxlint-disable-next-line no-unused-private-class-members -- `in` uses it
  readonly #brand = true;

  /** Unlike `instanceof`, this runs no trap of a proxy. */
  static is(value: unknown): value is ReadableState {
    return isObject(value) && #brand in value;
  }

  get isLocked(): boolean {
    return this.reader !== undefined;
  }

  /** Read requests that wait for a chunk. */
  get waitingReads(): number {
    return this.reader?.requests?.length ?? 0;
  }

  /** Whether a reader waits for bytes or a chunk. */
  get isAwaited(): boolean {
    return this.waitingReads > 0 || (this.reader?.intoRequests?.length ?? 0) > 0;
  }

  close(): void {
    this.status = 'closed';
    const { reader } = this;
    if (reader === undefined) return;
    reader.closed.resolve();
    const { requests } = reader;
    if (requests === undefined) return;
    for (let left = requests.length; left > 0; left -= 1) requests.shift()?.close();
  }

  error(reason: unknown): void {
    this.status = 'errored';
    this.storedError = reason;
    const { reader } = this;
    if (reader === undefined) return;
    reader.closed.reject(reason);
    failRequests(reader, reason);
  }

  /** https://streams.spec.whatwg.org/#readable-stream-cancel */
  cancel(reason: unknown): Promise<undefined> {
    this.isDisturbed = true;
    if (this.status === 'closed') return promiseResolve(undefined);
    if (this.status === 'errored') return promiseReject(this.storedError);
    this.close();
    const intoRequests = this.reader?.intoRequests;
    for (let left = intoRequests?.length ?? 0; left > 0; left -= 1) {
      intoRequests?.shift()?.close(undefined);
    }
    return transform(this.controller.cancel(reason), nothing, rethrow);
  }
}

/** The reader that worker code gets from `getReader()`, and the one the runtime reads with. */
export class DefaultReaderState implements ReaderState {
  stream: ReadableState | undefined;
  closed = new LazyPromise();
  readonly requests = new Queue<ReadRequest>();
  readonly intoRequests = undefined;

  /** Throws a TypeError when the stream is locked. */
  constructor(stream: ReadableState) {
    attachReader(stream, this);
    this.stream = stream;
  }

  /** The reader must not have been released. */
  read(request: ReadRequest): void {
    const { stream } = this;
    if (stream === undefined) {
      request.error(new TypeError('The reader has been released'));
      return;
    }
    stream.isDisturbed = true;
    if (stream.status === 'closed') request.close();
    else if (stream.status === 'errored') request.error(stream.storedError);
    else stream.controller.pull(request);
  }

  /** https://streams.spec.whatwg.org/#readable-stream-default-reader-release */
  release(): void {
    if (this.stream === undefined) return;
    detachReader(this.stream, this);
    failRequests(this, new TypeError('The reader has been released'));
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-reader-generic-initialize */
export function attachReader(stream: ReadableState, reader: ReaderState): void {
  if (stream.isLocked) throw new TypeError('The stream is locked to a reader');
  stream.reader = reader;
  if (stream.status === 'closed') reader.closed.resolve();
  else if (stream.status === 'errored') reader.closed.reject(stream.storedError);
}

/** https://streams.spec.whatwg.org/#readable-stream-reader-generic-release */
export function detachReader(stream: ReadableState, reader: ReaderState): void {
  if (!reader.closed.isPending) reader.closed = new LazyPromise();
  reader.closed.reject(new TypeError('The reader has been released'));
  stream.controller.release();
  stream.reader = undefined;
  reader.stream = undefined;
}

export function failRequests(reader: ReaderState, reason: unknown): void {
  const { requests, intoRequests } = reader;
  for (let left = requests?.length ?? 0; left > 0; left -= 1) requests?.shift()?.error(reason);
  for (let left = intoRequests?.length ?? 0; left > 0; left -= 1) {
    intoRequests?.shift()?.error(reason);
  }
}

const unattached: ReadableController = {
  cancel: () => undefined,
  pull: (request) => request.close(),
  release: nothing,
};

function nothing(): undefined {
  return undefined;
}

function rethrow(reason: unknown): never {
  throw reason;
}
