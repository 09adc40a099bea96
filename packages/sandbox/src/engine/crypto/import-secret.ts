import { createSecretKey } from 'node:crypto';
import { HeldKey } from './held-key.ts';
import type { CryptoRequest, KeyUsage } from './read-request.ts';

const usagesOf: Readonly<Record<string, readonly KeyUsage[]>> = {
  HMAC: ['sign', 'verify'],
  'AES-GCM': ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
  'AES-CBC': ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
};

/**
 * The common case of importing a key, without Node's Web Crypto, which takes five times as long: a
 * worker may do it for every request. Undefined for anything that may be wrong or unusual.
 */
export function importSecret(request: CryptoRequest): HeldKey | undefined {
  const { algorithm, data, extractable, format } = request;
  const { name, hash } = algorithm;
  const possible = usagesOf[name] ?? [];
  const usages = possible.filter((usage) => request.usages.includes(usage));
  const length = data.byteLength * 8;
  if (format !== 'raw' || usages.length === 0) return undefined;
  if (request.usages.some((usage) => !possible.includes(usage))) return undefined;
  if (name === 'HMAC') {
    if (length === 0 || hash === undefined || algorithm.length !== undefined) return undefined;
    return new HeldKey(
      { type: 'secret', extractable, usages, algorithm: { name, length, hash: { name: hash } } },
      createSecretKey(data),
    );
  }
  if (length !== 128 && length !== 192 && length !== 256) return undefined;
  return new HeldKey(
    { type: 'secret', extractable, usages, algorithm: { name, length } },
    createSecretKey(data),
  );
}
