import { toBoolean, toNumber } from '../webidl/convert.ts';
import { requireKey, toUsages } from './arguments.ts';
import { toCryptoKey } from './crypto-key.ts';
import { CryptoRequest } from './crypto-request.ts';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './normalize-algorithm.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveBits */
export function deriveBits(
  algorithm: unknown,
  baseKey: unknown,
  length: unknown,
): Promise<ArrayBuffer> {
  const identifier = toAlgorithmIdentifier(algorithm);
  const key = toCryptoKey(baseKey, 'baseKey');
  const asked = new CryptoRequest('deriveBits');
  // WebIDL's `unsigned long?`
  asked.plain.length = length === undefined || length === null ? null : toNumber(length) >>> 0;
  asked.plain.algorithm = normalizeAlgorithm('deriveBits', identifier, asked.parts);
  requireKey(key, asked.plain.algorithm.name, 'deriveBits');
  asked.setKey(key);
  return asked.askForBytes();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveKey */
export function deriveKey(given: {
  readonly algorithm: unknown;
  readonly baseKey: unknown;
  readonly derivedKeyType: unknown;
  readonly extractable: unknown;
  readonly usages: unknown;
}): Promise<object> {
  const identifier = toAlgorithmIdentifier(given.algorithm);
  const key = toCryptoKey(given.baseKey, 'baseKey');
  const derivedKeyType = toAlgorithmIdentifier(given.derivedKeyType);
  const asked = new CryptoRequest('deriveKey');
  asked.plain.extractable = toBoolean(given.extractable);
  asked.plain.usages = toUsages(given.usages);
  const normalized = normalizeAlgorithm('deriveBits', identifier, asked.parts);
  const imported = normalizeAlgorithm('importKey', derivedKeyType, asked.parts);
  const sized = normalizeAlgorithm('get key length', derivedKeyType, asked.parts);
  requireKey(key, normalized.name, 'deriveKey');
  asked.plain.algorithm = normalized;
  const length = sized['length'];
  asked.plain.keyAlgorithm = imported;
  if (length !== undefined) imported['length'] = length;
  asked.setKey(key);
  return asked.askForKeys();
}
