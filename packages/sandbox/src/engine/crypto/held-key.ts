import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  type webcrypto,
} from 'node:crypto';
import type { KeyUsage } from './read-request.ts';

export type SubtleKey = webcrypto.CryptoKey;
type SubtleKeyAlgorithm = webcrypto.KeyAlgorithm;

/** What a `CryptoKey` says about itself; made by Node's Web Crypto. */
export interface KeyAttributes {
  readonly type: 'secret' | 'private' | 'public';
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithmJson;
  readonly usages: readonly KeyUsage[];
}

/** A `KeyAlgorithm` that JSON can take. */
interface KeyAlgorithmJson {
  readonly name: string;
  readonly hash?: { readonly name: string };
  readonly namedCurve?: string;
  readonly length?: number;
  readonly modulusLength?: number;
  readonly publicExponent?: readonly number[];
}

/** A key in this process's memory. */
export class HeldKey {
  readonly attributes: KeyAttributes;
  readonly object: KeyObject;
  #subtleKey: SubtleKey | undefined;

  constructor(attributes: KeyAttributes, object: KeyObject) {
    this.attributes = attributes;
    this.object = object;
  }

  /**
   * @param key Extractable, so that its material can be sealed.
   * @param isExtractable Whether it is for worker code.
   */
  static fromSubtle(key: SubtleKey, isExtractable: boolean): HeldKey {
    return new HeldKey(attributesOf(key, isExtractable), KeyObject.from(key));
  }

  /** @param key Says what the key is for; its material is given, as it cannot be extracted. */
  static fromSecret(key: SubtleKey, material: Uint8Array): HeldKey {
    return new HeldKey(attributesOf(key, false), createSecretKey(material));
  }

  /** The reverse of {@link toBytes}. */
  static fromBytes(bytes: Buffer): HeldKey {
    const materialAt = 4 + bytes.readUInt32BE();
    // Authenticated: this process has written it.
    const attributes = JSON.parse(bytes.toString('utf8', 4, materialAt)) as KeyAttributes;
    return new HeldKey(attributes, toObject(attributes.type, bytes.subarray(materialAt)));
  }

  get name(): string {
    return this.attributes.algorithm.name;
  }

  get hash(): string {
    return this.attributes.algorithm.hash?.name ?? '';
  }

  /** For Node's Web Crypto. */
  get subtleKey(): SubtleKey {
    const { extractable, usages } = this.attributes;
    this.#subtleKey ??= this.subtleKeyFor(extractable, usages);
    return this.#subtleKey;
  }

  subtleKeyFor(extractable: boolean, usages: readonly KeyUsage[]): SubtleKey {
    const { name, hash, namedCurve } = this.attributes.algorithm;
    const algorithm = { name, ...(hash && { hash: hash.name }), ...(namedCurve && { namedCurve }) };
    return this.object.toCryptoKey(algorithm, extractable, [...usages]);
  }

  toBytes(): Buffer {
    const header = Buffer.from(JSON.stringify(this.attributes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.byteLength);
    return Buffer.concat([length, header, toMaterial(this.object)]);
  }
}

function attributesOf(key: SubtleKey, isExtractable: boolean): KeyAttributes {
  const { type, usages } = key;
  return { type, extractable: isExtractable, usages, algorithm: toJson(key.algorithm) };
}

function toMaterial(object: KeyObject): Buffer {
  if (object.type === 'secret') return object.export();
  const type = object.type === 'private' ? 'pkcs8' : 'spki';
  return object.export({ format: 'der', type });
}

function toObject(type: KeyAttributes['type'], material: Buffer): KeyObject {
  switch (type) {
    case 'secret':
      return createSecretKey(material);
    case 'private':
      return createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
    case 'public':
      return createPublicKey({ key: material, format: 'der', type: 'spki' });
  }
}

function toJson(algorithm: SubtleKeyAlgorithm): KeyAlgorithmJson {
  const json = JSON.stringify(algorithm, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
  return JSON.parse(json) as KeyAlgorithmJson;
}
