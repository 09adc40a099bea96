/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { callHost } from '../dispatch/host-calls.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import {
  ObjectDefineProperty,
  ReflectGet,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeBuffer,
  TypeError,
} from '../primordials.ts';
import { Deferred, promiseReject } from '../safe-promise.ts';
import { copyBytes, isArrayBuffer, isBufferSource } from '../webidl/buffer-source.ts';
import { isObject, requireArguments, toDomString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';

const internal = {};

/** Methods of the standard that are not there yet, with the number of their required parameters. */
const missingMethods = [
  { name: 'decrypt', length: 3 },
  { name: 'deriveBits', length: 2 },
  { name: 'deriveKey', length: 5 },
  { name: 'encrypt', length: 3 },
  { name: 'exportKey', length: 2 },
  { name: 'generateKey', length: 3 },
  { name: 'importKey', length: 5 },
  { name: 'sign', length: 3 },
  { name: 'unwrapKey', length: 7 },
  { name: 'verify', length: 4 },
  { name: 'wrapKey', length: 4 },
] as const;

/** https://w3c.github.io/webcrypto/#subtlecrypto-interface; so far it can only digest. */
export class SubtleCrypto {
  readonly #isSubtleCrypto = true;

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    try {
      void this.#isSubtleCrypto;
      requireArguments(arguments.length, 2, 'SubtleCrypto.digest');
      return startDigest(algorithm, data);
    } catch (error) {
      // WebIDL: what returns a promise never throws.
      return promiseReject(error);
    }
  }

  static {
    for (let i = 0; i < missingMethods.length; i += 1) {
      const method = missingMethods[i];
      if (method !== undefined) defineMissing(this.prototype, method.name, method.length);
    }
    defineInterface(this, 'SubtleCrypto');
  }
}

export function createSubtleCrypto(): SubtleCrypto {
  return new SubtleCrypto(internal);
}

function startDigest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
  if (!isBufferSource(data)) throw new TypeError('The data is not an ArrayBuffer or a view');
  const bytes = TypedArrayPrototypeBuffer(copyBytes(data));
  const argument = toDigestName(algorithm);
  const deferred = new Deferred<ArrayBuffer>();
  callHost({
    name: 'digest',
    argument,
    bytes,
    onResult: (result) => {
      if (isArrayBuffer(result)) deferred.resolve(result);
      else deferred.reject(operationError('The digest failed'));
    },
    onError: (error) => deferred.reject(operationError(error.message)),
  });
  return deferred.promise;
}

/** https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm */
function toDigestName(algorithm: unknown): string {
  const given: unknown = isObject(algorithm) ? ReflectGet(algorithm, 'name') : algorithm;
  if (given === undefined) throw new TypeError('The algorithm has no name');
  const name = toDomString(given);
  switch (StringPrototypeToLowerCase(name)) {
    case 'sha-1':
      return 'SHA-1';
    case 'sha-256':
      return 'SHA-256';
    case 'sha-384':
      return 'SHA-384';
    case 'sha-512':
      return 'SHA-512';
    default:
      throw new DOMException(`"${name}" is not an algorithm to digest with`, 'NotSupportedError');
  }
}

function operationError(message: string): DOMException {
  return new DOMException(message, 'OperationError');
}

/** Defines a method that rejects and says so, with the number of parameters it will have. */
function defineMissing(prototype: object, name: string, length: number): void {
  const message = `crypto.subtle.${name} is not supported yet`;
  function method(): Promise<never> {
    return promiseReject(new DOMException(message, 'NotSupportedError'));
  }
  define(method, 'name', { __proto__: null, value: name, configurable: true });
  define(method, 'length', { __proto__: null, value: length, configurable: true });
  define(prototype, name, { __proto__: null, value: method, writable: true, configurable: true });
}

type PlainDescriptor = PropertyDescriptor & { readonly __proto__: null };

function define(target: object, name: string, descriptor: PlainDescriptor): void {
  ObjectDefineProperty(target, name, descriptor);
}
