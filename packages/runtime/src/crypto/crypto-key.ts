/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import {
  JSONParse,
  ObjectHasOwn,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
  newList,
  listToArray,
  type List,
} from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';

/** A key as the sandbox describes it. */
export interface KeyDescription {
  readonly type: 'secret' | 'private' | 'public';
  readonly extractable: boolean;
  /** The `KeyAlgorithm` as JSON; a public exponent is an array of its bytes. */
  readonly algorithm: string;
  readonly usages: readonly string[];
  /** Bytes of the sealed key. */
  readonly sealedBytes: number;
}

/**
 * What is behind a {@link CryptoKey}. The key itself is sealed: only the sandbox can open it, and
 * only for this isolate, so that the garbage collector can have it like any other object.
 */
export class KeyState {
  readonly description: KeyDescription;
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly #algorithmName: string;

  constructor(description: KeyDescription, sealed: Uint8Array<ArrayBuffer>) {
    this.description = description;
    this.sealed = sealed;
    this.#algorithmName = (JSONParse(description.algorithm) as { readonly name: string }).name;
  }

  /** Unlike `instanceof`, this runs no code of the worker. */
  static is(value: unknown): value is KeyState {
    return isObject(value) && #algorithmName in value;
  }

  get algorithmName(): string {
    return this.#algorithmName;
  }

  allows(usage: string): boolean {
    const { usages } = this.description;
    for (let i = 0; i < usages.length; i += 1) if (usages[i] === usage) return true;
    return false;
  }
}

let keyStateOf: (key: CryptoKey) => KeyState;
let isCryptoKey: (value: unknown) => value is CryptoKey;

/** https://w3c.github.io/webcrypto/#cryptokey-interface */
export class CryptoKey {
  readonly #state: KeyState;
  /** The standard's cached objects; worker code may change them, and it means nothing. */
  #algorithm: object | undefined = undefined;
  #usages: readonly string[] | undefined = undefined;

  /** @param state Worker code cannot have one. */
  constructor(state: unknown = undefined) {
    if (!KeyState.is(state)) throw new TypeError('Illegal constructor');
    this.#state = state;
  }

  get type(): string {
    return this.#state.description.type;
  }

  get extractable(): boolean {
    return this.#state.description.extractable;
  }

  get algorithm(): object {
    this.#algorithm ??= newAlgorithm(this.#state.description.algorithm);
    return this.#algorithm;
  }

  get usages(): readonly string[] {
    this.#usages ??= copyOf(this.#state.description.usages);
    return this.#usages;
  }

  static {
    keyStateOf = (key) => key.#state;
    isCryptoKey = (value): value is CryptoKey => isObject(value) && #state in value;
    defineInterface(this, 'CryptoKey');
  }
}

/** A TypeError for anything but a key. */
export function toCryptoKey(value: unknown, name: string): CryptoKey {
  if (isCryptoKey(value)) return value;
  throw new TypeError(`${name} is not a CryptoKey`);
}

function newAlgorithm(json: string): object {
  const algorithm = JSONParse(json) as { publicExponent?: object };
  if (ObjectHasOwn(algorithm, 'publicExponent')) {
    const bytes = algorithm.publicExponent as List<number>;
    const exponent = new Uint8Array(bytes.length);
    const length = TypedArrayPrototypeByteLength(exponent);
    for (let i = 0; i < length; i += 1) exponent[i] = bytes[i] ?? 0;
    algorithm.publicExponent = exponent;
  }
  return algorithm;
}

function copyOf(usages: readonly string[]): string[] {
  const copy = newList<string>();
  for (let i = 0; i < usages.length; i += 1) copy[i] = usages[i] ?? '';
  return listToArray(copy);
}

export { isCryptoKey, keyStateOf };
