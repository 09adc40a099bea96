import { requireKey, toBufferSource } from './arguments.ts';
import { toCryptoKey } from './crypto-key.ts';
import { CryptoRequest } from './crypto-request.ts';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './normalize-algorithm.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-encrypt and `decrypt` */
export function cipher(
  method: 'encrypt' | 'decrypt',
  algorithm: unknown,
  key: unknown,
  data: unknown,
): Promise<ArrayBuffer> {
  return request(method, algorithm, key, data).askForBytes();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-sign */
export function sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
  return request('sign', algorithm, key, data).askForBytes();
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-verify */
export function verify(given: {
  readonly algorithm: unknown;
  readonly key: unknown;
  readonly signature: unknown;
  readonly data: unknown;
}): Promise<boolean> {
  const identifier = toAlgorithmIdentifier(given.algorithm);
  const key = toCryptoKey(given.key, 'key');
  const signature = toBufferSource(given.signature, 'signature');
  const data = toBufferSource(given.data, 'data');
  const asked = new CryptoRequest('verify');
  asked.plain.algorithm = normalizeAlgorithm('verify', identifier, asked.parts);
  requireKey(key, asked.plain.algorithm.name, 'verify');
  asked.setKey(key);
  asked.setSignature(signature);
  asked.setData(data);
  return asked.askForBoolean();
}

function request(
  method: 'encrypt' | 'decrypt' | 'sign',
  algorithm: unknown,
  keyValue: unknown,
  dataValue: unknown,
): CryptoRequest {
  const identifier = toAlgorithmIdentifier(algorithm);
  const key = toCryptoKey(keyValue, 'key');
  const data = toBufferSource(dataValue, 'data');
  const asked = new CryptoRequest(method);
  asked.plain.algorithm = normalizeAlgorithm(method, identifier, asked.parts);
  requireKey(key, asked.plain.algorithm.name, method);
  asked.setKey(key);
  asked.setData(data);
  return asked;
}
