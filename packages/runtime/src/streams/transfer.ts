import { structuredCloneModule } from '../lazy/lazy-modules.ts';
import { TypeError } from '../primordials.ts';
import { promiseReject, react } from '../safe-promise.ts';
import { isObject } from '../webidl/convert.ts';
import { createReadable } from './create-readable.ts';
import { ReadLoop } from './read-loop.ts';
import type { ReadableState } from './readable-state.ts';
import { isReadableStream, ReadableStream, readableStateOf } from './readable-stream.ts';
import { isTransformStream, sidesOf, StreamPair, TransformStream } from './transform-stream.ts';
import { DefaultWritableController } from './writable-default-controller.ts';
import { WritableState, WriterState } from './writable-state.ts';
import { isWritableStream, WritableStream, writableStateOf } from './writable-stream.ts';

/*
 * https://streams.spec.whatwg.org/#transferrable-streams: the original is locked for ever, and what
 * passes between it and the new stream is cloned. The standard puts message ports in between; with
 * both ends in one isolate they are not needed.
 */

export function isStream(value: object): boolean {
  return isReadableStream(value) || isWritableStream(value) || isTransformStream(value);
}

/**
 * Moves a stream.
 *
 * @returns What makes the new stream, of the standard's class whatever the old one was derived from.
 * @throws TypeError when the stream, or a side of it, is locked
 */
export function transferStream(value: object): () => object {
  if (isReadableStream(value)) {
    const moved = moveReadable(readableStateOf(value));
    return () => new ReadableStream(moved);
  }
  if (isWritableStream(value)) {
    const moved = moveWritable(writableStateOf(value));
    return () => new WritableStream(moved);
  }
  if (!isTransformStream(value)) throw new TypeError('Not a stream');
  const sides = sidesOf(value);
  const readable = readableStateOf(sides.readable);
  const writable = writableStateOf(sides.writable);
  if (readable.isLocked || writable.isLocked) throw new TypeError('A side is locked');
  const moved = new StreamPair(moveReadable(readable), moveWritable(writable));
  return () => new TransformStream(moved);
}

function moveReadable(source: ReadableState): ReadableState {
  const { stream, controller } = createReadable({
    highWaterMark: 0,
    pull: () => {
      loop.resume();
      return undefined;
    },
    cancel: (reason) => loop.cancel(cloneReason(reason)),
  });
  const loop: ReadLoop = new ReadLoop(source, {
    chunk(chunk) {
      try {
        controller.enqueue(clone(chunk));
      } catch (error) {
        controller.error(error);
        react(loop.cancel(error), ignore, ignore);
      }
      return false;
    },
    end: () => controller.close(),
    fail: (reason) => controller.error(cloneReason(reason)),
  });
  source.isDisturbed = true;
  controller.startNow();
  return stream;
}

function moveWritable(target: WritableState): WritableState {
  const writer = new WriterState(target);
  const moved = new WritableState();
  const controller = new DefaultWritableController(moved, {
    highWaterMark: 1,
    size: undefined,
    write(chunk) {
      try {
        return writer.write(clone(chunk));
      } catch (error) {
        react(target.abort(error), ignore, ignore);
        return promiseReject(error);
      }
    },
    close: () => target.close(),
    abort: (reason) => target.abort(cloneReason(reason)),
    signalAbort: ignore,
  });
  controller.start(undefined);
  react(writer.closed.promise, ignore, (reason) => controller.error(cloneReason(reason)));
  return moved;
}

function clone(value: unknown): unknown {
  return structuredCloneModule.value.structuredClone(value);
}

/** A reason that cannot be cloned is replaced by the error that says so. */
function cloneReason(reason: unknown): unknown {
  if (!isObject(reason)) return reason;
  try {
    return clone(reason);
  } catch (error) {
    return error;
  }
}

function ignore(): void {
  // Whoever holds the new stream hears of it.
}
