import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import type { CHash } from '@noble/hashes/utils.js';

const algorithms: Readonly<Record<string, CHash>> = {
  md5,
  rmd160: ripemd160,
  ripemd160,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-224': sha512_224,
  'sha512-256': sha512_256,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

export const hashNames = Object.keys(algorithms);

/** @throws Error `ERR_CRYPTO_INVALID_DIGEST` */
export function hashAlgorithm(name: string): CHash {
  const key = String(name).toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha');
  const algorithm = Object.hasOwn(algorithms, key) ? algorithms[key] : undefined;
  if (algorithm !== undefined) return algorithm;
  const error = new Error(`Digest method not supported: ${name}`);
  throw Object.assign(error, { code: 'ERR_CRYPTO_INVALID_DIGEST' });
}
