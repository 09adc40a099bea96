import { createDecipheriv, webcrypto } from 'node:crypto';
import { asRecord, type JsonRecord } from '../../protocol/read-json.ts';
import { CryptoRefusal } from './crypto-refusal.ts';
import type { HeldKey } from './held-key.ts';
import { importNow } from './plan-keys.ts';
import { bytesOutcome, requireExtractable, requireKey, type Outcome, type Plan } from './plan.ts';
import type { Bytes, CryptoRequest } from './read-request.ts';

const { subtle } = webcrypto;

export function planWrap(
  { format, algorithm }: CryptoRequest,
  wrappingKey: HeldKey,
  key: HeldKey,
): Plan {
  requireKey(wrappingKey, algorithm.name, 'wrapKey');
  requireExtractable(key);
  return {
    later: async () => {
      const { subtleKey } = wrappingKey;
      return bytesOutcome(await subtle.wrapKey(format, key.subtleKey, subtleKey, algorithm));
    },
  };
}

/** First decrypts, then imports: what was wrapped never enters the isolate. */
export function planUnwrap(request: CryptoRequest, key: HeldKey): Plan {
  requireKey(key, request.algorithm.name, 'unwrapKey');
  return {
    later: async () => {
      const bytes = await unwrapBytes(request, key);
      return { kind: 'plan', plan: { now: () => importUnwrapped(request, bytes) } };
    },
  };
}

async function unwrapBytes({ algorithm, data }: CryptoRequest, key: HeldKey): Promise<Bytes> {
  if (algorithm.name === 'AES-KW') return unwrapAesKw(key, data);
  const decrypting = key.subtleKeyFor(false, ['decrypt']);
  return new Uint8Array(await subtle.decrypt(algorithm, decrypting, data));
}

/** https://www.rfc-editor.org/rfc/rfc3394#section-2.2.3 */
const wrapIv = Buffer.alloc(8, 0xa6);

function unwrapAesKw(key: HeldKey, data: Bytes): Bytes {
  const name = `aes${key.attributes.algorithm.length ?? 0}-wrap`;
  const decipher = createDecipheriv(name, key.object, wrapIv);
  return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]));
}

async function importUnwrapped(request: CryptoRequest, bytes: Bytes): Promise<Outcome> {
  const keyData = request.format === 'jwk' ? parseJwk(bytes) : bytes;
  return importNow(request, keyData, request.keyAlgorithm);
}

/** https://w3c.github.io/webcrypto/#concept-parse-a-jwk */
function parseJwk(bytes: Bytes): JsonRecord {
  try {
    return asRecord(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), 'jwk');
  } catch {
    throw new CryptoRefusal('DataError', 'What was wrapped is no JsonWebKey');
  }
}
