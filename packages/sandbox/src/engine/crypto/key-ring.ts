import { CryptoRefusal } from './crypto-refusal.ts';
import { HeldKey } from './held-key.ts';
import type { KeySealer } from './key-sealer.ts';

/** Opened keys of one isolate that are kept: opening one takes 10 to 50 µs. */
const openKeys = 16;

interface OpenKey {
  readonly sealed: Buffer;
  readonly key: HeldKey;
}

/** The keys of one isolate: those it used last are kept open. */
export class KeyRing {
  readonly #sealer: KeySealer;
  readonly #handle: string;
  /** By their nonces, least recently used first. */
  readonly #open = new Map<string, OpenKey>();

  constructor(sealer: KeySealer, handle: string) {
    this.#sealer = sealer;
    this.#handle = handle;
  }

  seal(key: HeldKey): Uint8Array<ArrayBuffer> {
    const sealed = this.#sealer.seal(key.toBytes(), this.#handle);
    this.#keep(Buffer.from(sealed), key);
    return sealed;
  }

  /** Throws for what was not sealed for this isolate. */
  open(given: Uint8Array): HeldKey {
    const id = idOf(given);
    const known = this.#open.get(id);
    if (known?.sealed.equals(given) === true) {
      this.#open.delete(id);
      this.#open.set(id, known);
      return known.key;
    }
    const plain = this.#sealer.open(given, this.#handle);
    if (plain === undefined) throw new CryptoRefusal('InvalidAccessError', 'This is no key');
    const key = HeldKey.fromBytes(plain);
    this.#keep(Buffer.from(given), key);
    return key;
  }

  #keep(sealed: Buffer, key: HeldKey): void {
    this.#open.set(idOf(sealed), { sealed, key });
    if (this.#open.size <= openKeys) return;
    for (const id of this.#open.keys()) {
      this.#open.delete(id);
      return;
    }
  }
}

function idOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.buffer, sealed.byteOffset, Math.min(12, sealed.byteLength)).toString(
    'latin1',
  );
}
