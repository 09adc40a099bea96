import { structuredCloneModule } from '../lazy/lazy-modules.ts';
import { newList, TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { closeByteStream, createByteReadable, createReadable } from '../streams/create-readable.ts';
import { ReadLoop } from '../streams/read-loop.ts';
import { DefaultReaderState } from '../streams/readable-state.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import { ReadableStream } from '../streams/readable-stream.ts';
import { teeReadable } from '../streams/tee.ts';
import { concatBytes, copyBytes, isUint8Array } from '../webidl/buffer-source.ts';
import type { IncomingBody } from './incoming-body.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/* What bodies need of streams; evaluated together with them. */

/** A stream of the one chunk; undefined is that of a body that was read already: it stays locked. */
export function streamOfBytes(bytes: Bytes | undefined): ReadableStream {
  const { stream, controller } = createByteReadable({
    pull: () => {
      if (bytes !== undefined) controller.enqueue(bytes);
      closeByteStream(controller);
      return undefined;
    },
    cancel: undefined,
  });
  if (bytes === undefined || TypedArrayPrototypeByteLength(bytes) === 0) controller.close();
  controller.startNow();
  if (bytes === undefined) lockForGood(stream);
  return new ReadableStream(stream);
}

/** A stream of the request's body, which asks for more when it is read. */
export function streamOfIncoming(body: IncomingBody): ReadableStream {
  const { stream, controller } = createByteReadable({
    pull: () => {
      const bytes = body.takeWaiting();
      if (bytes !== undefined) controller.enqueue(bytes);
      body.advance();
      return undefined;
    },
    cancel: () => {
      body.cancel();
      return undefined;
    },
  });
  body.attach({
    chunk: (bytes) => {
      if (!stream.isAwaited) return false;
      controller.enqueue(bytes);
      return true;
    },
    end: () => closeByteStream(controller),
    fail: (reason) => controller.error(reason),
  });
  controller.startNow();
  stream.incoming = body;
  return new ReadableStream(stream);
}

/** Reads a stream of bytes to its end; the stream must not be locked. */
export function readAll(
  stream: ReadableState,
  onBytes: (bytes: Bytes) => void,
  onError: (reason: unknown) => void,
): void {
  const parts = newList<Bytes>();
  const loop = new ReadLoop(stream, {
    chunk(chunk) {
      if (!isUint8Array(chunk)) {
        onError(new TypeError('The body stream has a chunk that is not a Uint8Array'));
        return false;
      }
      parts[parts.length] = chunk;
      return true;
    },
    end: () => onBytes(concatBytes(parts)),
    fail: onError,
  });
  loop.resume();
}

/** https://streams.spec.whatwg.org/#readablestream-create-a-proxy: the source is locked. */
export function proxyStream(source: ReadableState): ReadableStream {
  const { stream, controller } = createReadable({
    highWaterMark: 0,
    pull: () => {
      loop.resume();
      return undefined;
    },
    cancel: (reason) => loop.cancel(reason),
  });
  const loop = new ReadLoop(source, {
    chunk(chunk) {
      controller.enqueue(chunk);
      return false;
    },
    end: () => controller.close(),
    fail: (reason) => controller.error(reason),
  });
  source.isDisturbed = true;
  controller.startNow();
  return new ReadableStream(stream);
}

/** Two streams of the same bytes; the second has copies, so that neither can change the other's. */
export function teeBody(source: ReadableState): { first: ReadableStream; second: ReadableStream } {
  const { first, second } = teeReadable(source, (chunk) =>
    isUint8Array(chunk) ? copyBytes(chunk) : structuredCloneModule.value.structuredClone(chunk),
  );
  return { first: new ReadableStream(first), second: new ReadableStream(second) };
}

/** Nobody will read the stream: whoever tries is told that it is locked. */
export function lockForGood(stream: ReadableState): void {
  stream.isDisturbed = true;
  stream.reader = new DefaultReaderState(stream);
}
