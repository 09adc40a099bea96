import { webcrypto } from 'node:crypto';
import { platformLimits } from '@openworkers/core/limits';
import { CryptoRefusal } from './crypto-refusal.ts';
import { HeldKey } from './held-key.ts';
import { bytesOutcome, keyOutcome, requireKey, type Plan } from './plan.ts';
import type { CryptoRequest, RequestAlgorithm } from './read-request.ts';

const { subtle } = webcrypto;
const mostKeyBytes = platformLimits.cryptoKeyBytes.tenant;

export function planDeriveBits(
  { algorithm, length }: CryptoRequest,
  key: HeldKey,
  publicKey: HeldKey | undefined,
): Plan {
  requireKey(key, algorithm.name, 'deriveBits');
  return {
    isLong: isLongDerivation(algorithm, length ?? 0),
    later: async () =>
      bytesOutcome(
        await subtle.deriveBits(derivation(algorithm, publicKey), key.subtleKey, length),
      ),
  };
}

export function planDeriveKey(
  { algorithm, keyAlgorithm, extractable, usages }: CryptoRequest,
  key: HeldKey,
  publicKey: HeldKey | undefined,
): Plan {
  requireKey(key, algorithm.name, 'deriveKey');
  if ((keyAlgorithm.length ?? 0) > mostKeyBytes * 8) {
    throw new CryptoRefusal('OperationError', `Keys have at most ${mostKeyBytes} bytes`);
  }
  return {
    // Without a length it is one block of the hash, at most 1024 bits.
    isLong: isLongDerivation(algorithm, keyAlgorithm.length ?? 1024),
    later: async () => {
      const source = derivation(algorithm, publicKey);
      // Keys to derive others from are never extractable.
      if (keyAlgorithm.name === 'HKDF' || keyAlgorithm.name === 'PBKDF2') {
        const bits = await subtle.deriveBits(source, key.subtleKeyFor(false, ['deriveBits']), null);
        const material = new Uint8Array(bits);
        const derived = await subtle.importKey('raw', material, keyAlgorithm, extractable, [
          ...usages,
        ]);
        return keyOutcome(HeldKey.fromSecret(derived, material));
      }
      const derived = await subtle.deriveKey(source, key.subtleKey, keyAlgorithm, true, [
        ...usages,
      ]);
      return keyOutcome(HeldKey.fromSubtle(derived, extractable));
    },
  };
}

function derivation(
  algorithm: RequestAlgorithm,
  publicKey: HeldKey | undefined,
): webcrypto.Algorithm {
  const whole = publicKey === undefined ? algorithm : { ...algorithm, public: publicKey.subtleKey };
  return whole;
}

const hashBits: Readonly<Record<string, number>> = {
  'SHA-1': 160,
  'SHA-256': 256,
  'SHA-384': 384,
  'SHA-512': 512,
};
/** About 30 ms. */
const longIterations = 100_000;

/** Throws when it would take too long. */
function isLongDerivation({ iterations, hash = '' }: RequestAlgorithm, bits: number): boolean {
  if (iterations === undefined) return false;
  const blocks = Math.max(1, Math.ceil(bits / (hashBits[hash] ?? 160)));
  const most = platformLimits.pbkdf2Iterations.tenant;
  if (iterations * blocks > most) {
    throw new CryptoRefusal(
      'NotSupportedError',
      `PBKDF2 is limited to ${most} iterations times blocks of output`,
    );
  }
  return iterations * blocks > longIterations;
}
