import { constants, sign, verify, type SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import type { HeldKey } from './held-key.ts';
import { nodeHash, toArrayBuffer } from './inline-operations.ts';
import type { Bytes, RequestAlgorithm } from './read-request.ts';

const signOnThread = promisify(sign);
const verifyOnThread = promisify(verify);

/** One signature to make or to check. */
export interface Signing {
  readonly key: HeldKey;
  readonly algorithm: RequestAlgorithm;
  readonly data: Bytes;
}

/** https://w3c.github.io/webcrypto/#ecdsa-operations-sign and those of RSA and Ed25519. */
export function signNow({ key, algorithm, data }: Signing): ArrayBuffer {
  return toArrayBuffer(sign(hashOf(key, algorithm), data, inputOf(key, algorithm)));
}

export async function signLater({ key, algorithm, data }: Signing): Promise<ArrayBuffer> {
  const hash = hashOf(key, algorithm);
  // The promise of an overload with an optional callback.
  const signed: Buffer = await signOnThread(hash, data, inputOf(key, algorithm));
  return toArrayBuffer(signed);
}

export function verifyNow({ key, algorithm, data }: Signing, signature: Bytes): boolean {
  if (!hasRightLength(key, signature)) return false;
  return verify(hashOf(key, algorithm), data, inputOf(key, algorithm), signature);
}

export async function verifyLater(
  { key, algorithm, data }: Signing,
  signature: Bytes,
): Promise<boolean> {
  if (!hasRightLength(key, signature)) return false;
  return verifyOnThread(hashOf(key, algorithm), data, inputOf(key, algorithm), signature);
}

const curveBytes: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** Signatures of ECDSA are two numbers of the curve's size. */
function hasRightLength(key: HeldKey, signature: Bytes): boolean {
  const bytes = curveBytes[key.attributes.algorithm.namedCurve ?? ''];
  return bytes === undefined || signature.byteLength === 2 * bytes;
}

/** With ECDSA the hash is chosen for each signature, with RSA it is the key's; Ed25519 has its own. */
function hashOf(key: HeldKey, algorithm: RequestAlgorithm): string | null {
  if (key.name === 'Ed25519') return null;
  return nodeHash(algorithm.hash ?? key.hash);
}

function inputOf(key: HeldKey, algorithm: RequestAlgorithm): SignKeyObjectInput {
  switch (key.name) {
    case 'RSA-PSS':
      return {
        key: key.object,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: algorithm.saltLength ?? 0,
      };
    case 'RSASSA-PKCS1-v1_5':
      return { key: key.object, padding: constants.RSA_PKCS1_PADDING };
    default:
      return { key: key.object, dsaEncoding: 'ieee-p1363' };
  }
}
