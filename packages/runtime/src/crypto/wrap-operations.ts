import { toBoolean } from '../webidl/convert.ts';
import {
  requireExportable,
  requireKey,
  toBufferSource,
  toKeyFormat,
  toUsages,
} from './arguments.ts';
import { toCryptoKey } from './crypto-key.ts';
import { CryptoRequest } from './crypto-request.ts';
import {
  normalizeAlgorithm,
  toAlgorithmIdentifier,
  type AlgorithmIdentifier,
  type PlainAlgorithm,
} from './normalize-algorithm.ts';
import type { RequestParts } from './request-parts.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-wrapKey */
export function wrapKey(given: {
  readonly format: unknown;
  readonly key: unknown;
  readonly wrappingKey: unknown;
  readonly wrapAlgorithm: unknown;
}): Promise<ArrayBuffer> {
  const format = toKeyFormat(given.format);
  const key = toCryptoKey(given.key, 'key');
  const wrappingKey = toCryptoKey(given.wrappingKey, 'wrappingKey');
  const identifier = toAlgorithmIdentifier(given.wrapAlgorithm);
  const asked = new CryptoRequest('wrapKey');
  const algorithm = normalizeEither('wrapKey', 'encrypt', identifier, asked.parts);
  requireKey(wrappingKey, algorithm.name, 'wrapKey');
  requireExportable(key);
  asked.plain.algorithm = algorithm;
  asked.plain.format = format;
  asked.setKey(wrappingKey);
  asked.setWrapped(key);
  return asked.askForBytes();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-unwrapKey */
export function unwrapKey(given: {
  readonly format: unknown;
  readonly wrappedKey: unknown;
  readonly unwrappingKey: unknown;
  readonly unwrapAlgorithm: unknown;
  readonly unwrappedKeyAlgorithm: unknown;
  readonly extractable: unknown;
  readonly usages: unknown;
}): Promise<object> {
  const format = toKeyFormat(given.format);
  const wrappedKey = toBufferSource(given.wrappedKey, 'wrappedKey');
  const unwrappingKey = toCryptoKey(given.unwrappingKey, 'unwrappingKey');
  const identifier = toAlgorithmIdentifier(given.unwrapAlgorithm);
  const keyIdentifier = toAlgorithmIdentifier(given.unwrappedKeyAlgorithm);
  const asked = new CryptoRequest('unwrapKey');
  asked.plain.extractable = toBoolean(given.extractable);
  asked.plain.usages = toUsages(given.usages);
  const algorithm = normalizeEither('unwrapKey', 'decrypt', identifier, asked.parts);
  asked.plain.keyAlgorithm = normalizeAlgorithm('importKey', keyIdentifier, asked.parts);
  requireKey(unwrappingKey, algorithm.name, 'unwrapKey');
  asked.plain.algorithm = algorithm;
  asked.plain.format = format;
  asked.setKey(unwrappingKey);
  asked.setData(wrappedKey);
  return asked.askForKeys();
}

/** What wraps keys is either made for it or encrypts. */
function normalizeEither(
  first: 'wrapKey' | 'unwrapKey',
  second: 'encrypt' | 'decrypt',
  identifier: AlgorithmIdentifier,
  parts: RequestParts,
): PlainAlgorithm {
  try {
    return normalizeAlgorithm(first, identifier, parts);
  } catch {
    // Whatever was wrong: the standard tries the other one.
    return normalizeAlgorithm(second, identifier, parts);
  }
}
