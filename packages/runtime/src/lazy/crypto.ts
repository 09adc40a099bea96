import { createCrypto, Crypto } from '../crypto/crypto.ts';
import { CryptoKey, isCryptoKey, keyStateOf } from '../crypto/crypto-key.ts';
import { SubtleCrypto } from '../crypto/subtle-crypto.ts';
import { cryptoModule } from './lazy-modules.ts';

const exports = {
  Crypto,
  crypto: createCrypto(),
  CryptoKey,
  isCryptoKey,
  keyStateOf,
  SubtleCrypto,
};

export type CryptoExports = typeof exports;
cryptoModule.provide(exports);
