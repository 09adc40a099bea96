import { ByteController } from './byte-controller.ts';
import type { ByteSource } from './byte-controller.ts';
import { DefaultController } from './readable-default-controller.ts';
import type { DefaultSource } from './readable-default-controller.ts';
import { ReadableState } from './readable-state.ts';

/** A stream whose source is the runtime's own; it pulls once its controller has been started. */
export function createReadable(source: Omit<DefaultSource, 'size'>): {
  stream: ReadableState;
  controller: DefaultController;
} {
  const stream = new ReadableState();
  const controller = new DefaultController(stream, {
    pull: source.pull,
    cancel: source.cancel,
    size: undefined,
    highWaterMark: source.highWaterMark,
  });
  return { stream, controller };
}

/** The same for a byte stream, which holds no more than it is asked for. */
export function createByteReadable(source: Pick<ByteSource, 'pull' | 'cancel'>): {
  stream: ReadableState;
  controller: ByteController;
} {
  const stream = new ReadableState();
  const controller = new ByteController(stream, {
    pull: source.pull,
    cancel: source.cancel,
    highWaterMark: 0,
    autoAllocateChunkSize: undefined,
  });
  return { stream, controller };
}

/** Ends a byte stream; readers that wait with buffers get them back empty. */
export function closeByteStream(controller: ByteController): void {
  try {
    controller.close();
  } catch {
    // The bytes ended within an element of the reader's view: the stream has been errored.
    return;
  }
  if (controller.hasPending) controller.respond(0);
}
