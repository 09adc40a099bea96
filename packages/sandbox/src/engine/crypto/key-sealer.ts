import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';

/**
 * Encrypts keys for the isolates to hold: under a key that only this process knows, bound to the
 * isolate's handle. So an isolate's garbage collector decides how long a key lives, and the sandbox
 * need not keep what an isolate may still want.
 */
export class KeySealer {
  readonly #key = randomBytes(32);
  /** Every nonce is used once: it counts. */
  #sealed = 0;

  seal(plain: Uint8Array, handle: string): Uint8Array<ArrayBuffer> {
    const sealed = new Uint8Array(nonceBytes + plain.byteLength + tagBytes);
    const nonce = sealed.subarray(0, nonceBytes);
    this.#sealed += 1;
    new DataView(sealed.buffer).setFloat64(0, this.#sealed);
    const cipher = createCipheriv(algorithm, this.#key, nonce);
    cipher.setAAD(Buffer.from(handle));
    sealed.set(cipher.update(plain), nonceBytes);
    cipher.final();
    sealed.set(cipher.getAuthTag(), nonceBytes + plain.byteLength);
    return sealed;
  }

  /** Undefined for anything that was not sealed here for that handle. */
  open(sealed: Uint8Array, handle: string): Buffer | undefined {
    if (sealed.byteLength < nonceBytes + tagBytes) return undefined;
    const tagAt = sealed.byteLength - tagBytes;
    const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(handle));
    decipher.setAuthTag(sealed.subarray(tagAt));
    const plain = decipher.update(sealed.subarray(nonceBytes, tagAt));
    try {
      decipher.final();
    } catch {
      // It is not authentic.
      return undefined;
    }
    return plain;
  }
}
