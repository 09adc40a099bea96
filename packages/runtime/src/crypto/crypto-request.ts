import type { Crossing } from '../boundary.ts';
import { callHost } from '../dispatch/host-calls.ts';
import { DOMException } from '../dom-exception/dom-exception.ts';
import {
  JSONParse,
  JSONStringify,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeError,
  Uint8Array,
  type List,
} from '../primordials.ts';
import { Deferred } from '../safe-promise.ts';
import { copyBytes, isArrayBuffer, type BufferSource } from '../webidl/buffer-source.ts';
import { CryptoKey, keyStateOf, KeyState, type KeyDescription } from './crypto-key.ts';
import type { PlainJsonWebKey } from './json-web-key.ts';
import type { PlainAlgorithm } from './normalize-algorithm.ts';
import { RequestParts } from './request-parts.ts';

/** More does not cross the boundary in one piece. */
export const mostCryptoBytes = 60 * 1024 * 1024;

/** What is asked, as JSON; numbers that stand for bytes are those of the parts. */
interface PlainRequest {
  readonly method: string;
  algorithm?: PlainAlgorithm;
  /** Of the key that is derived or unwrapped. */
  keyAlgorithm?: PlainAlgorithm;
  format?: string;
  extractable?: boolean;
  usages?: List<string>;
  jwk?: PlainJsonWebKey;
  length?: number | null;
  key?: number;
  /** The key to wrap. */
  wrapped?: number;
  signature?: number;
  data?: number;
  lengths?: List<number>;
}

/** One operation that the sandbox does; see `engine/crypto/` there. */
export class CryptoRequest {
  readonly parts = new RequestParts();
  readonly plain: PlainRequest;

  constructor(method: string) {
    this.plain = { __proto__: null, method } as object as PlainRequest;
  }

  setKey(key: CryptoKey): void {
    this.plain.key = this.parts.addLast(keyStateOf(key).sealed);
  }

  setWrapped(key: CryptoKey): void {
    this.plain.wrapped = this.parts.addLast(keyStateOf(key).sealed);
  }

  setSignature(signature: BufferSource): void {
    this.plain.signature = this.parts.addLast(signature);
  }

  setData(data: BufferSource): void {
    this.plain.data = this.parts.addLast(data);
  }

  askForBytes(): Promise<ArrayBuffer> {
    return this.#ask((result) => (isArrayBuffer(result) ? result : undefined));
  }

  askForBoolean(): Promise<boolean> {
    return this.#ask((result) => (typeof result === 'number' ? result === 1 : undefined));
  }

  /** For an exported JsonWebKey. */
  askForObject(): Promise<unknown> {
    return this.#ask((result) => (typeof result === 'string' ? JSONParse(result) : undefined));
  }

  /** One key, or a `CryptoKeyPair`. */
  askForKeys(): Promise<object> {
    return this.#ask((result, bytes) =>
      typeof result === 'string' && isArrayBuffer(bytes) ? toKeys(result, bytes) : undefined,
    );
  }

  /** @param read Answers undefined for what the sandbox never sends. */
  #ask<Result>(read: (result: Crossing, bytes: Crossing) => Result | undefined): Promise<Result> {
    const { parts, plain } = this;
    if (parts.sizeBytes > mostCryptoBytes) throw operationError('More bytes than can be processed');
    plain.lengths = parts.lengths;
    const deferred = new Deferred<Result>();
    callHost({
      name: 'crypto',
      argument: JSONStringify(plain),
      bytes: parts.pack(),
      onResult: (result, bytes) => {
        const value = read(result, bytes);
        if (value === undefined) deferred.reject(operationError('The operation failed'));
        else deferred.resolve(value);
      },
      onError: (error) => deferred.reject(toException(error.message)),
    });
    return deferred.promise;
  }
}

/** @param text The name of the exception and its message. */
function toException(text: string): DOMException | TypeError {
  const end = StringPrototypeIndexOf(text, ': ');
  if (end < 0) return operationError(text);
  const name = StringPrototypeSlice(text, 0, end);
  const message = StringPrototypeSlice(text, end + 2);
  return name === 'TypeError' ? new TypeError(message) : new DOMException(message, name);
}

export function operationError(message: string): DOMException {
  return new DOMException(message, 'OperationError');
}

/** @param sealed The sealed keys, one behind the other. */
function toKeys(json: string, sealed: ArrayBuffer): object {
  const descriptions = JSONParse(json) as readonly KeyDescription[];
  const first = descriptions[0];
  if (first === undefined) throw operationError('The operation made no key');
  const firstKey = newKey(first, new Uint8Array(sealed, 0, first.sealedBytes));
  if (descriptions.length < 2) return firstKey;
  const second = descriptions[1];
  if (second === undefined) return firstKey;
  const publicKey = newKey(second, new Uint8Array(sealed, first.sealedBytes, second.sealedBytes));
  return { privateKey: firstKey, publicKey };
}

function newKey(description: KeyDescription, sealed: Uint8Array<ArrayBuffer>): CryptoKey {
  return new CryptoKey(new KeyState(description, copyBytes(sealed)));
}
