import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { CryptoRefusal } from './crypto-refusal.ts';
import type { HeldKey } from './held-key.ts';
import type { Bytes, RequestAlgorithm } from './read-request.ts';

/*
 * What takes less time than handing it to another thread. Each does exactly what Node's Web Crypto
 * does with the same arguments; odd arguments are left to it.
 */

/** https://w3c.github.io/webcrypto/#hmac-operations-sign */
export function signHmac(key: HeldKey, data: Bytes): ArrayBuffer {
  return toArrayBuffer(createHmac(nodeHash(key.hash), key.object).update(data).digest());
}

export function verifyHmac(key: HeldKey, signature: Bytes, data: Bytes): boolean {
  const expected = createHmac(nodeHash(key.hash), key.object).update(data).digest();
  return expected.byteLength === signature.byteLength && timingSafeEqual(expected, signature);
}

/** https://w3c.github.io/webcrypto/#aes-gcm-operations-encrypt */
export function encryptGcm(key: HeldKey, algorithm: RequestAlgorithm, data: Bytes): ArrayBuffer {
  const authTagLength = (algorithm.tagLength ?? 128) / 8;
  const cipher = createCipheriv(gcmOf(key), key.object, algorithm.iv ?? noIv, { authTagLength });
  if (algorithm.additionalData !== undefined) cipher.setAAD(algorithm.additionalData);
  const encrypted = new Uint8Array(data.byteLength + authTagLength);
  encrypted.set(cipher.update(data));
  cipher.final();
  encrypted.set(cipher.getAuthTag(), data.byteLength);
  return encrypted.buffer;
}

/** https://w3c.github.io/webcrypto/#aes-gcm-operations-decrypt */
export function decryptGcm(key: HeldKey, algorithm: RequestAlgorithm, data: Bytes): ArrayBuffer {
  const authTagLength = (algorithm.tagLength ?? 128) / 8;
  const tagAt = data.byteLength - authTagLength;
  if (tagAt < 0) throw new CryptoRefusal('OperationError', 'The provided data is too small');
  const decipher = createDecipheriv(gcmOf(key), key.object, algorithm.iv ?? noIv, {
    authTagLength,
  });
  if (algorithm.additionalData !== undefined) decipher.setAAD(algorithm.additionalData);
  decipher.setAuthTag(data.subarray(tagAt));
  const decrypted = decipher.update(data.subarray(0, tagAt));
  // Throws when the tag does not fit.
  decipher.final();
  return toArrayBuffer(decrypted);
}

const noIv = new Uint8Array(0);

function gcmOf(key: HeldKey): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  const { length } = key.attributes.algorithm;
  if (length === 128) return 'aes-128-gcm';
  return length === 192 ? 'aes-192-gcm' : 'aes-256-gcm';
}

/** https://w3c.github.io/webcrypto/#aes-cbc-operations-encrypt */
export function encryptCbc(key: HeldKey, iv: Bytes, data: Bytes): ArrayBuffer {
  const cipher = createCipheriv(`aes-${key.attributes.algorithm.length ?? 0}-cbc`, key.object, iv);
  return toArrayBuffer(Buffer.concat([cipher.update(data), cipher.final()]));
}

export function decryptCbc(key: HeldKey, iv: Bytes, data: Bytes): ArrayBuffer {
  const name = `aes-${key.attributes.algorithm.length ?? 0}-cbc`;
  const decipher = createDecipheriv(name, key.object, iv);
  return toArrayBuffer(Buffer.concat([decipher.update(data), decipher.final()]));
}

/** The bytes in a buffer of their own: small ones share a pool, and what crosses is transferred. */
export function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Node's name of a hash; empty for none. */
export function nodeHash(name: string): string {
  return name.replace('-', '').toLowerCase();
}
