/* oxlint-disable typescript/unbound-method -- methods are taken off their objects: as natives, they are no constructors */
import { replaceMethod, type Native } from './replace.ts';

/**
 * Tells `onAsk` of every property whose descriptor worker code asks for, before it gets it. The
 * runtime's own captured functions are not affected.
 */
export function watchDescriptors(onAsk: (target: unknown, name: unknown) => void): void {
  const makeWatched = (original: Native): Native => {
    const { watched } = {
      watched(target: unknown, name: unknown): unknown {
        onAsk(target, name);
        return original(target, name) as unknown;
      },
    };
    return watched;
  };
  replaceMethod(Object, 'getOwnPropertyDescriptor', makeWatched);
  replaceMethod(Reflect, 'getOwnPropertyDescriptor', makeWatched);
}
