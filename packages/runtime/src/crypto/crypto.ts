/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { DOMException } from '../dom-exception/dom-exception.ts';
import { digestStreamModule } from '../lazy/lazy-modules.ts';
import { QuotaExceededError } from '../dom-exception/quota-exceeded-error.ts';
import {
  ArrayBufferIsView,
  StringPrototypeSlice,
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeToStringTag,
  TypeError,
} from '../primordials.ts';
import { viewBytes } from '../webidl/buffer-source.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { fillRandomly, randomBytes, toHex } from './random.ts';
import { createSubtleCrypto, type SubtleCrypto } from './subtle-crypto.ts';

const internal = {};

/** Bytes that one call of `getRandomValues` may fill. */
const quotaBytes = 65_536;

/** https://w3c.github.io/webcrypto/#crypto-interface */
export class Crypto {
  readonly #subtle = createSubtleCrypto();

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  get subtle(): SubtleCrypto {
    return this.#subtle;
  }

  /** Of Workers, not of the standard: a class. */
  get DigestStream(): object {
    void this.#subtle;
    return digestStreamModule.value.DigestStream;
  }

  getRandomValues(array: unknown): ArrayBufferView {
    void this.#subtle;
    requireArguments(arguments.length, 1, 'Crypto.getRandomValues');
    if (!ArrayBufferIsView(array)) throw new TypeError('The argument is not a typed array');
    if (!isIntegerArray(array)) {
      throw new DOMException('The array is not one of integers', 'TypeMismatchError');
    }
    const requested = TypedArrayPrototypeByteLength(array);
    if (requested > quotaBytes) {
      throw new QuotaExceededError(`${requested} bytes are more than ${quotaBytes}`);
    }
    fillRandomly(viewBytes(array));
    return array;
  }

  randomUUID(): string {
    void this.#subtle;
    const bytes = randomBytes(16);
    // Version 4, variant 10.
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = toHex(bytes);
    const part = (start: number, end: number): string => StringPrototypeSlice(hex, start, end);
    return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
  }

  static {
    defineInterface(this, 'Crypto');
  }
}

export function createCrypto(): Crypto {
  return new Crypto(internal);
}

function isIntegerArray(array: ArrayBufferView): boolean {
  switch (TypedArrayPrototypeToStringTag(array)) {
    case 'Int8Array':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'Int16Array':
    case 'Uint16Array':
    case 'Int32Array':
    case 'Uint32Array':
    case 'BigInt64Array':
    case 'BigUint64Array':
      return true;
    default:
      return false;
  }
}
