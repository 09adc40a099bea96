import { instantiateOwn } from '../harden/own-web-assembly.ts';
import {
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteOffset,
  Uint8Array,
  Uint8ArrayFromBase64,
  Uint8ArrayPrototypeSet,
} from '../primordials.ts';
import { isUint8Array } from '../webidl/buffer-source.ts';

/** Most units that are turned into a string at once. */
export const wasmStringUnits = 8192;

/** `string-from-units.wat`, assembled: `binaryen.parseText(wat).emitBinary()` of binaryen 132.0.0. */
const moduleBase64 =
  'AGFzbQEAAAABEwNedwFgA2MAf38BZG9gAX8BZG8CJAEOd2FzbTpqcy1zdHJpbmcRZnJvbUNoYXJDb2RlQXJyYXkAAQMD' +
  'AgICBQQBAQEBBgwBZAAAQYDAAPsHAAsHGgMGbWVtb3J5AgAFYnl0ZXMAAQVwYWlycwACCtwBAp8BAwF/AX4BZAAjACED' +
  'AkADQCABQQRqIABLDQEgATUCACECIAMgASACp0H/AXH7DgAgAyABQQFqIAJCCIinQf8BcfsOACADIAFBAmogAkIQiKdB' +
  '/wFx+w4AIAMgAUEDaiACQhiIp/sOACABQQRqIQEMAAsACwJAA0AgASAATw0BIAMgASABLQAA+w4AIAFBAWohAQwACwAL' +
  'IANBACAAEAALOQIBfwFkACMAIQICQANAIAEgAE8NASACIAEgAUEBdC8BAPsOACABQQFqIQEMAAsACyACQQAgABAACw==';

type Make = (units: number) => string;

/**
 * Strings from code units by way of WebAssembly, the only way into V8's own conversion: 16 KB of
 * ASCII take 12 µs, and 75 µs with `String.fromCharCode`. Takes 64 KiB and half a millisecond at the
 * first use.
 */
export class WasmStrings {
  readonly #bytes: Make;
  readonly #pairs: Make;
  readonly #memory: Uint8Array;

  /** @throws Error when the system has no memory for it */
  constructor() {
    const { exports, memory } = instantiateOwn(Uint8ArrayFromBase64(moduleBase64));
    // The module is ours: it exports these functions.
    this.#bytes = exports['bytes'] as Make;
    this.#pairs = exports['pairs'] as Make;
    this.#memory = new Uint8Array(memory);
  }

  /** The string of at most {@link wasmStringUnits} units. */
  make(units: Uint8Array | Uint16Array, start: number, end: number): string {
    const buffer = TypedArrayPrototypeBuffer(units);
    const offset = TypedArrayPrototypeByteOffset(units);
    const count = end - start;
    const isBytes = isUint8Array(units);
    const size = isBytes ? 1 : 2;
    const part = new Uint8Array(buffer, offset + start * size, count * size);
    Uint8ArrayPrototypeSet(this.#memory, part);
    const make = isBytes ? this.#bytes : this.#pairs;
    return make(count);
  }
}
