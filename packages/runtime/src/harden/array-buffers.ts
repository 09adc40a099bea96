import { remove, replaceConstructor, type Constructor, type Native } from './replace.ts';

const { construct } = Reflect;

/**
 * isolated-vm counts buffers when they are made, not when they grow: a resizable one could take
 * gigabytes. Without `maxByteLength` none can grow; `resize` goes as well, so that programs which
 * look for it find that there is none.
 */
export function hardenArrayBuffers(): void {
  replaceConstructor(globalThis, 'ArrayBuffer', makeFixedArrayBuffer);
  remove(ArrayBuffer.prototype, 'resize');
}

function makeFixedArrayBuffer(original: Constructor): Native {
  return function ArrayBuffer(length: unknown, options?: { maxByteLength?: unknown }): unknown {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    if (typeof options === 'object' && options?.maxByteLength !== undefined) {
      throw new RangeError('Resizable ArrayBuffers are not available');
    }
    return construct(original, [length], new.target);
  };
}
