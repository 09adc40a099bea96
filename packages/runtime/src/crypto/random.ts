import { hostSyncOps } from '../boundary.ts';
import { hostSync } from '../dispatch/host.ts';
import {
  StringPrototypeCharAt,
  Error,
  TypedArrayPrototypeByteLength,
  Uint8Array,
  Uint8ArrayPrototypeSet,
} from '../primordials.ts';
import { isArrayBuffer } from '../webidl/buffer-source.ts';

/** Asking the host takes as long as using a hundred of these bytes. */
const poolBytes = 4096;

let pool = new Uint8Array(0);
let poolPosition = 0;

/** Random bytes for cryptography; at most 65 536. */
export function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  if (count > poolBytes / 4) return requestBytes(count);
  if (poolPosition + count > TypedArrayPrototypeByteLength(pool)) {
    pool = requestBytes(poolBytes);
    poolPosition = 0;
  }
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    bytes[i] = pool[poolPosition] ?? 0;
    // What was handed out does not stay in memory.
    pool[poolPosition] = 0;
    poolPosition += 1;
  }
  return bytes;
}

function requestBytes(count: number): Uint8Array<ArrayBuffer> {
  const buffer = hostSync(hostSyncOps.randomBytes, count);
  if (!isArrayBuffer(buffer)) throw new Error('The host gave no random bytes');
  const bytes = new Uint8Array(buffer);
  if (TypedArrayPrototypeByteLength(bytes) !== count) throw new Error('Too few random bytes');
  return bytes;
}

/** Fills the bytes of a view; at most 65 536. */
export function fillRandomly(view: Uint8Array): void {
  Uint8ArrayPrototypeSet(view, randomBytes(TypedArrayPrototypeByteLength(view)));
}

const hexDigits = '0123456789abcdef';

export function toHex(bytes: Uint8Array): string {
  let text = '';
  const length = TypedArrayPrototypeByteLength(bytes);
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0;
    text += `${StringPrototypeCharAt(hexDigits, byte >> 4)}${StringPrototypeCharAt(hexDigits, byte & 15)}`;
  }
  return text;
}
