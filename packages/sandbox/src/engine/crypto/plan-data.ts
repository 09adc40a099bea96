import { webcrypto } from 'node:crypto';
import type { HeldKey } from './held-key.ts';
import {
  decryptCbc,
  decryptGcm,
  encryptCbc,
  encryptGcm,
  signHmac,
  verifyHmac,
} from './inline-operations.ts';
import { bytesOutcome, mostBytesNow, requireKey, type Outcome, type Plan } from './plan.ts';
import type { Bytes, CryptoRequest, RequestAlgorithm } from './read-request.ts';
import { signLater, signNow, verifyLater, verifyNow } from './signatures.ts';

const { subtle } = webcrypto;

/** `encrypt` and `decrypt`. */
export function planCipher(
  { algorithm, data }: CryptoRequest,
  key: HeldKey,
  method: 'encrypt' | 'decrypt',
): Plan {
  requireKey(key, algorithm.name, method);
  const later = async (): Promise<Outcome> =>
    bytesOutcome(await subtle[method](algorithm, key.subtleKey, data));
  const cipher = data.byteLength <= mostBytesNow ? cipherNow(algorithm, method) : undefined;
  if (cipher === undefined) return { later };
  return { now: () => bytesOutcome(cipher(key, data)) };
}

type Cipher = (key: HeldKey, data: Bytes) => ArrayBuffer;

const usualTags: readonly unknown[] = [undefined, 128, 120, 112, 104, 96];

/** Undefined for what has no short way. */
function cipherNow(algorithm: RequestAlgorithm, method: 'encrypt' | 'decrypt'): Cipher | undefined {
  const { name, iv, tagLength } = algorithm;
  if (name === 'AES-GCM' && iv?.byteLength === 12 && usualTags.includes(tagLength)) {
    const run = method === 'encrypt' ? encryptGcm : decryptGcm;
    return (key, data) => run(key, algorithm, data);
  }
  if (name === 'AES-CBC' && iv?.byteLength === 16) {
    const run = method === 'encrypt' ? encryptCbc : decryptCbc;
    return (key, data) => run(key, iv, data);
  }
  return undefined;
}

export function planSign({ algorithm, data }: CryptoRequest, key: HeldKey): Plan {
  requireKey(key, algorithm.name, 'sign');
  const isShort = data.byteLength <= mostBytesNow;
  if (key.name === 'HMAC') {
    if (isShort) return { now: () => bytesOutcome(signHmac(key, data)) };
    return { later: async () => bytesOutcome(await subtle.sign('HMAC', key.subtleKey, data)) };
  }
  const signing = { key, algorithm, data };
  const later = async (): Promise<Outcome> => bytesOutcome(await signLater(signing));
  if (!isShort || !isQuick(key, false)) return { later };
  return { now: () => bytesOutcome(signNow(signing)), later };
}

export function planVerify({ algorithm, data, signature }: CryptoRequest, key: HeldKey): Plan {
  requireKey(key, algorithm.name, 'verify');
  const isShort = data.byteLength <= mostBytesNow;
  if (key.name === 'HMAC') {
    if (isShort) return { now: () => booleanOutcome(verifyHmac(key, signature, data)) };
    return {
      later: async () =>
        booleanOutcome(await subtle.verify('HMAC', key.subtleKey, signature, data)),
    };
  }
  const signing = { key, algorithm, data };
  const later = async (): Promise<Outcome> => booleanOutcome(await verifyLater(signing, signature));
  if (!isShort || !isQuick(key, true)) return { later };
  return { now: () => booleanOutcome(verifyNow(signing, signature)), later };
}

/** Signatures that take less than about 100 µs. */
function isQuick(key: HeldKey, isVerification: boolean): boolean {
  const { namedCurve, modulusLength } = key.attributes.algorithm;
  if (modulusLength !== undefined) return isVerification && modulusLength <= 4096;
  return namedCurve === undefined || namedCurve === 'P-256';
}

function booleanOutcome(value: boolean): Outcome {
  return { kind: 'boolean', value };
}
