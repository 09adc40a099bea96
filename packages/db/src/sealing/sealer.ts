import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { AppError, type Secret } from '@openworkers/core';

/** What is stored instead of a secret. */
export interface Sealed {
  /** 12 bytes of nonce, 16 of tag, then the encrypted text. */
  readonly ciphertext: Uint8Array;
  /** Of the master key. */
  readonly keyId: string;
}

export interface SealerOptions {
  /**
   * The master keys, each 32 bytes as base64, the one that seals first. Called once, and again when
   * something was sealed with a key that is not among them, at most once a second.
   */
  readonly load: () => Promise<readonly Secret[]>;
  readonly now?: () => number;
}

interface MasterKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const reloadMs = 1_000;

/**
 * Encrypts what is secret at rest, with AES-256-GCM. The identity of the row and the key's id are
 * authenticated: a sealed value copied to another row, or to another tenant, cannot be opened there.
 */
export class Sealer {
  readonly #load: SealerOptions['load'];
  readonly #now: () => number;
  #keys: Promise<readonly MasterKey[]> | undefined;
  #loadedAtMs = 0;

  constructor({ load, now = () => performance.now() }: SealerOptions) {
    this.#load = load;
    this.#now = now;
  }

  /** Ids of the keys at hand, the one that seals first. */
  async keyIds(): Promise<string[]> {
    return (await this.#all()).map(({ id }) => id);
  }

  /** @param identity Which row and column it is for: see {@link sealedFor}. */
  async seal(text: string, identity: string): Promise<Sealed> {
    const key = await this.#current();
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key.bytes, nonce, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(`${key.id}\n${identity}`));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return { ciphertext: Buffer.concat([nonce, cipher.getAuthTag(), encrypted]), keyId: key.id };
  }

  /** @throws AppError `secret_unreadable`: the key is not there, or the value is not of that row */
  async open({ ciphertext, keyId }: Sealed, identity: string): Promise<string> {
    const key = (await this.#find(keyId)) ?? (await this.#findAgain(keyId));
    if (key === undefined) {
      throw new AppError('secret_unreadable', `there is no master key "${keyId}"`);
    }
    try {
      const nonce = ciphertext.subarray(0, nonceBytes);
      const decipher = createDecipheriv(algorithm, key.bytes, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(`${key.id}\n${identity}`));
      decipher.setAuthTag(ciphertext.subarray(nonceBytes, nonceBytes + tagBytes));
      const text = decipher.update(ciphertext.subarray(nonceBytes + tagBytes));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new AppError('secret_unreadable', undefined, { cause: error });
    }
  }

  async #current(): Promise<MasterKey> {
    const [key] = await this.#all();
    if (key === undefined) throw new AppError('secret_unreadable', 'there is no master key');
    return key;
  }

  async #find(keyId: string): Promise<MasterKey | undefined> {
    return (await this.#all()).find(({ id }) => id === keyId);
  }

  async #findAgain(keyId: string): Promise<MasterKey | undefined> {
    if (this.#now() - this.#loadedAtMs < reloadMs) return undefined;
    this.#keys = undefined;
    return this.#find(keyId);
  }

  #all(): Promise<readonly MasterKey[]> {
    if (this.#keys === undefined) {
      this.#loadedAtMs = this.#now();
      this.#keys = this.#load().then((keys) => keys.map(toMasterKey));
      this.#keys.catch(() => (this.#keys = undefined));
    }
    return this.#keys;
  }
}

/** Identity of what is sealed: the table, the row's id, and what of it. */
export function sealedFor(table: string, id: string, what: string): string {
  return `${table}/${id}/${what}`;
}

function toMasterKey(key: Secret): MasterKey {
  const bytes = Buffer.from(key.reveal(), 'base64');
  // The id may be seen by everybody who sees the table.
  const id = createHash('sha256').update('openworkers key id\n').update(bytes).digest('hex');
  return { id: id.slice(0, 16), bytes };
}
