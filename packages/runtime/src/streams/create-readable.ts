import { DefaultController } from './readable-default-controller.ts';
import type { DefaultSource } from './readable-default-controller.ts';
import { ReadableState } from './readable-state.ts';

/** A stream whose source is the runtime's own; it is pulled as soon as it wants data. */
export function createReadable(source: Partial<DefaultSource>): {
  stream: ReadableState;
  controller: DefaultController;
} {
  const stream = new ReadableState();
  const controller = new DefaultController(stream, {
    pull: source.pull,
    cancel: source.cancel,
    size: source.size,
    highWaterMark: source.highWaterMark ?? 1,
  });
  return { stream, controller };
}
