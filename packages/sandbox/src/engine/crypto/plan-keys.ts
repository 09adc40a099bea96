import { webcrypto } from 'node:crypto';
import { platformLimits } from '@openworkers/core/limits';
import type { JsonRecord } from '../../protocol/read-json.ts';
import { CryptoRefusal } from './crypto-refusal.ts';
import { HeldKey, type SubtleKey } from './held-key.ts';
import { importSecret } from './import-secret.ts';
import { bytesOutcome, keyOutcome, requireExtractable, type Outcome, type Plan } from './plan.ts';
import type { Bytes, CryptoRequest, RequestAlgorithm } from './read-request.ts';

const { subtle } = webcrypto;
const mostKeyBytes = platformLimits.cryptoKeyBytes.tenant;

export function planGenerate({ algorithm, extractable, usages }: CryptoRequest): Plan {
  const isRsa = algorithm.modulusLength !== undefined;
  if (isRsa) requireUsualRsa(algorithm);
  if ((algorithm.length ?? 0) > mostKeyBytes * 8) {
    throw new CryptoRefusal('OperationError', `Keys have at most ${mostKeyBytes} bytes`);
  }
  return {
    isLong: isRsa,
    later: async () => {
      const made = await subtle.generateKey(algorithm, true, [...usages]);
      if (!isPair(made)) return keyOutcome(HeldKey.fromSubtle(made, extractable));
      const privateKey = HeldKey.fromSubtle(made.privateKey, extractable);
      return { kind: 'keys', keys: [privateKey, HeldKey.fromSubtle(made.publicKey, true)] };
    },
  };
}

function isPair(made: SubtleKey | webcrypto.CryptoKeyPair): made is webcrypto.CryptoKeyPair {
  return 'privateKey' in made;
}

const leastRsaBits = 1024;

function requireUsualRsa({ modulusLength = 0, publicExponent }: RequestAlgorithm): void {
  const mostBits = platformLimits.rsaGenerateBits.tenant;
  if (modulusLength < leastRsaBits || modulusLength > mostBits) {
    throw new CryptoRefusal(
      'OperationError',
      `RSA keys are generated with ${leastRsaBits} to ${mostBits} bits`,
    );
  }
  const exponent = BigInt(`0x${Buffer.from(publicExponent ?? []).toString('hex') || '0'}`);
  if (exponent !== 3n && exponent !== 65_537n) {
    throw new CryptoRefusal('OperationError', 'RSA keys are generated with exponent 3 or 65537');
  }
}

export function planImport(request: CryptoRequest): Plan {
  const { format, jwk, data, algorithm } = request;
  const secret = data.byteLength <= mostKeyBytes ? importSecret(request) : undefined;
  if (secret !== undefined) return { now: () => keyOutcome(secret) };
  const keyData = format === 'jwk' ? (jwk ?? {}) : data;
  return { now: () => importNow(request, keyData, algorithm) };
}

/** Node does all of it before it returns its promise. */
export async function importNow(
  { format, extractable, usages }: CryptoRequest,
  keyData: Bytes | JsonRecord,
  algorithm: RequestAlgorithm,
): Promise<Outcome> {
  if (keyData instanceof Uint8Array && keyData.byteLength > mostKeyBytes) {
    throw new CryptoRefusal('DataError', `Keys have at most ${mostKeyBytes} bytes`);
  }
  const isForDerivation = algorithm.name === 'HKDF' || algorithm.name === 'PBKDF2';
  const isExtractable = isForDerivation ? extractable : true;
  const imported = await subtle.importKey(
    // The overloads tell `jwk` from the others by the type of the data.
    format as 'jwk',
    (keyData instanceof Uint8Array
      ? keyData
      : withoutExt(keyData, extractable)) as webcrypto.JsonWebKey,
    algorithm,
    isExtractable,
    [...usages],
  );
  if (isForDerivation) {
    const material = keyData instanceof Uint8Array ? keyData : new Uint8Array(0);
    return keyOutcome(HeldKey.fromSecret(imported, material));
  }
  const key = HeldKey.fromSubtle(imported, extractable);
  requireBearableRsa(key);
  return keyOutcome(key);
}

/** Only who wants an extractable key is refused by a JsonWebKey that says it is none. */
function withoutExt(jwk: JsonRecord, isExtractable: boolean): JsonRecord {
  return isExtractable ? jwk : { ...jwk, ext: undefined };
}

function requireBearableRsa(key: HeldKey): void {
  const { modulusLength = 0, publicExponent = [] } = key.attributes.algorithm;
  const mostBits = platformLimits.rsaImportBits.tenant;
  if (modulusLength > mostBits) {
    throw new CryptoRefusal('DataError', `RSA keys have at most ${mostBits} bits`);
  }
  const isLong = publicExponent.length > 5;
  if (isLong || (publicExponent.length === 5 && (publicExponent[0] ?? 0) > 1)) {
    throw new CryptoRefusal('DataError', 'The public exponent has more than 33 bits');
  }
}

export function planExport({ format }: CryptoRequest, key: HeldKey): Plan {
  requireExtractable(key);
  return {
    now: async () => {
      const exported: unknown = await subtle.exportKey(format, key.subtleKey);
      if (exported instanceof ArrayBuffer) return bytesOutcome(exported);
      return { kind: 'json', json: JSON.stringify(exported) };
    },
  };
}
