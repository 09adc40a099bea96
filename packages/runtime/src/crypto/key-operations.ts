import { TypeError } from '../primordials.ts';
import { isBufferSource } from '../webidl/buffer-source.ts';
import { toBoolean } from '../webidl/convert.ts';
import { requireExportable, toKeyFormat, toUsages } from './arguments.ts';
import { toCryptoKey } from './crypto-key.ts';
import { CryptoRequest } from './crypto-request.ts';
import { toJsonWebKey } from './json-web-key.ts';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './normalize-algorithm.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-generateKey */
export function generateKey(
  algorithm: unknown,
  extractable: unknown,
  usages: unknown,
): Promise<object> {
  const identifier = toAlgorithmIdentifier(algorithm);
  const asked = new CryptoRequest('generateKey');
  asked.plain.extractable = toBoolean(extractable);
  asked.plain.usages = toUsages(usages);
  asked.plain.algorithm = normalizeAlgorithm('generateKey', identifier, asked.parts);
  return asked.askForKeys();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey */
export function importKey(given: {
  readonly format: unknown;
  readonly keyData: unknown;
  readonly algorithm: unknown;
  readonly extractable: unknown;
  readonly usages: unknown;
}): Promise<object> {
  const { keyData } = given;
  const asked = new CryptoRequest('importKey');
  const format = toKeyFormat(given.format);
  const bytes = isBufferSource(keyData) ? keyData : undefined;
  const jwk = bytes === undefined ? toJsonWebKey(keyData) : undefined;
  const identifier = toAlgorithmIdentifier(given.algorithm);
  asked.plain.format = format;
  asked.plain.extractable = toBoolean(given.extractable);
  asked.plain.usages = toUsages(given.usages);
  asked.plain.algorithm = normalizeAlgorithm('importKey', identifier, asked.parts);
  if (format === 'jwk') {
    if (jwk === undefined) throw new TypeError('The key data is not a JsonWebKey');
    asked.plain.jwk = jwk;
  } else {
    if (bytes === undefined) throw new TypeError('The key data is not an ArrayBuffer or a view');
    asked.setData(bytes);
  }
  return asked.askForKeys();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey */
export function exportKey(formatValue: unknown, keyValue: unknown): Promise<unknown> {
  const format = toKeyFormat(formatValue);
  const key = toCryptoKey(keyValue, 'key');
  requireExportable(key);
  const asked = new CryptoRequest('exportKey');
  asked.plain.format = format;
  asked.setKey(key);
  return format === 'jwk' ? asked.askForObject() : asked.askForBytes();
}
