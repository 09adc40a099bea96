import type { AreaExpectations } from '../expectation.ts';

const proposal =
  'a proposal that is not part of Web Cryptography Level 2: https://wicg.github.io/webcrypto-modern-algos/';
const curve448 = 'Ed448 and X448 are proposals that Workers do not have either';
const secure = 'asks that there be no subtle crypto where there is no TLS; a worker always has it';

export const webCrypto: AreaExpectations = {
  failures: {
    'WebCryptoAPI/historical.any.js': { '*': secure },
    'WebCryptoAPI/idlharness.https.any.js': {
      'Crypto interface: existence and properties of interface object':
        'a getter until it is first used: the part is evaluated then',
      'WorkerGlobalScope interface: attribute crypto':
        'an own property of the global object, as in Workers',
    },
    'WebCryptoAPI/derive_bits_keys/argon2.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/derive_bits_keys/cfrg_curves_bits_curve448.tentative.https.any.js': {
      '*': curve448,
    },
    'WebCryptoAPI/derive_bits_keys/cfrg_curves_keys_curve448.tentative.https.any.js': {
      '*': curve448,
    },
    'WebCryptoAPI/digest/cshake.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/digest/sha3.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/encap_decap/encap_decap_bits.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/encap_decap/encap_decap_keys.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/encrypt_decrypt/aes_ocb.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/encrypt_decrypt/chacha20_poly1305.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/failures_AES-OCB.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/failures_Ed448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/generateKey/failures_ML-DSA.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/failures_ML-KEM.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/failures_X448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/generateKey/failures_chacha20_poly1305.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/failures_kmac.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/successes_AES-OCB.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/successes_Ed448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/generateKey/successes_ML-DSA.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/successes_ML-KEM.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/generateKey/successes_X448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/generateKey/successes_chacha20_poly1305.tentative.https.any.js': {
      '*': proposal,
    },
    'WebCryptoAPI/generateKey/successes_kmac.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/getPublicKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/AES-OCB_importKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/Argon2_importKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/ChaCha20-Poly1305_importKey.tentative.https.any.js': {
      '*': proposal,
    },
    'WebCryptoAPI/import_export/KMAC_importKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/ML-DSA_importKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/ML-KEM_importKey.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/import_export/okp_importKey_Ed448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/import_export/okp_importKey_X448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/import_export/okp_importKey_failures_Ed448.tentative.https.any.js': {
      '*': curve448,
    },
    'WebCryptoAPI/import_export/okp_importKey_failures_X448.tentative.https.any.js': {
      '*': curve448,
    },
    'WebCryptoAPI/sign_verify/eddsa_curve448.tentative.https.any.js': { '*': curve448 },
    'WebCryptoAPI/sign_verify/kmac.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/sign_verify/mldsa.tentative.https.any.js': { '*': proposal },
    'WebCryptoAPI/supports.tentative.https.any.js': { '*': proposal },
  },
};
