/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { promiseReject } from '../safe-promise.ts';
import { requireArguments } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { cipher, sign, verify } from './data-operations.ts';
import { deriveBits, deriveKey } from './derive-operations.ts';
import { digest } from './digest.ts';
import { exportKey, generateKey, importKey } from './key-operations.ts';
import { timingSafeEqual } from './timing-safe-equal.ts';
import { unwrapKey, wrapKey } from './wrap-operations.ts';

const internal = {};

/**
 * https://w3c.github.io/webcrypto/#subtlecrypto-interface. Arguments are converted and checked in
 * the isolate; the work is done in the sandbox, where the keys are.
 */
export class SubtleCrypto {
  readonly #isSubtleCrypto = true;

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 3, 'encrypt');
      return cipher('encrypt', algorithm, key, data);
    });
  }

  decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 3, 'decrypt');
      return cipher('decrypt', algorithm, key, data);
    });
  }

  sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 3, 'sign');
      return sign(algorithm, key, data);
    });
  }

  verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    return attempt(() => {
      this.#check(arguments.length, 4, 'verify');
      return verify({ algorithm, key, signature, data });
    });
  }

  digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 2, 'digest');
      return digest(algorithm, data);
    });
  }

  generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<object> {
    return attempt(() => {
      this.#check(arguments.length, 3, 'generateKey');
      return generateKey(algorithm, extractable, usages);
    });
  }

  deriveKey(
    algorithm: unknown,
    baseKey: unknown,
    derivedKeyType: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<object> {
    return attempt(() => {
      this.#check(arguments.length, 5, 'deriveKey');
      return deriveKey({ algorithm, baseKey, derivedKeyType, extractable, usages });
    });
  }

  deriveBits(algorithm: unknown, baseKey: unknown, length: unknown = null): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 2, 'deriveBits');
      return deriveBits(algorithm, baseKey, length);
    });
  }

  importKey(
    format: unknown,
    keyData: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<object> {
    return attempt(() => {
      this.#check(arguments.length, 5, 'importKey');
      return importKey({ format, keyData, algorithm, extractable, usages });
    });
  }

  exportKey(format: unknown, key: unknown): Promise<unknown> {
    return attempt(() => {
      this.#check(arguments.length, 2, 'exportKey');
      return exportKey(format, key);
    });
  }

  wrapKey(
    format: unknown,
    key: unknown,
    wrappingKey: unknown,
    wrapAlgorithm: unknown,
  ): Promise<ArrayBuffer> {
    return attempt(() => {
      this.#check(arguments.length, 4, 'wrapKey');
      return wrapKey({ format, key, wrappingKey, wrapAlgorithm });
    });
  }

  unwrapKey(
    format: unknown,
    wrappedKey: unknown,
    unwrappingKey: unknown,
    unwrapAlgorithm: unknown,
    unwrappedKeyAlgorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<object> {
    return attempt(() => {
      this.#check(arguments.length, 7, 'unwrapKey');
      return unwrapKey({
        format,
        wrappedKey,
        unwrappingKey,
        unwrapAlgorithm,
        unwrappedKeyAlgorithm,
        extractable,
        usages,
      });
    });
  }

  /** As Workers have it: compares in a time that depends on the lengths only. */
  timingSafeEqual(a: unknown, b: unknown): boolean {
    this.#check(arguments.length, 2, 'timingSafeEqual');
    return timingSafeEqual(a, b);
  }

  /** Calling it throws for any other receiver. */
  #check(given: number, required: number, method: string): void {
    void this.#isSubtleCrypto;
    requireArguments(given, required, `SubtleCrypto.${method}`);
  }

  static {
    defineInterface(this, 'SubtleCrypto');
  }
}

export function createSubtleCrypto(): SubtleCrypto {
  return new SubtleCrypto(internal);
}

/** WebIDL: what returns a promise never throws. */
function attempt<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return run();
  } catch (error) {
    return promiseReject(error);
  }
}
