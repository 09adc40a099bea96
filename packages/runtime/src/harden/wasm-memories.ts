/** The memories of a module's own, as its memory section says. */
export interface DeclaredMemories {
  /** Of all together. */
  readonly initialPages: number;
  readonly hasShared: boolean;
}

const magicBytes = 8;
const memorySection = 5;
const hasMaximumFlag = 1;
const sharedFlag = 2;

/**
 * Reads the memory section of a WebAssembly binary (core specification, 5.5.8). Anything malformed
 * ends the reading: the engine refuses such a module itself.
 */
export function readMemories(bytes: Uint8Array): DeclaredMemories {
  const reader = new Reader(bytes, magicBytes);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const size = reader.number();
    if (id === memorySection) return readSection(reader);
    reader.skip(size);
  }
  return { initialPages: 0, hasShared: false };
}

function readSection(reader: Reader): DeclaredMemories {
  let initialPages = 0;
  let hasShared = false;
  const count = reader.number();
  for (let index = 0; index < count && !reader.isAtEnd; index += 1) {
    const flags = reader.byte();
    initialPages += reader.number();
    if ((flags & hasMaximumFlag) !== 0) reader.number();
    if ((flags & sharedFlag) !== 0) hasShared = true;
  }
  return { initialPages, hasShared };
}

/** Little-endian base-128 numbers (LEB128) and bytes; 0 past the end. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #length: number;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.#offset = offset;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset] ?? 0;
    this.#offset += 1;
    return value;
  }

  number(): number {
    let value = 0;
    let factor = 1;
    // At most ten bytes, as a 64-bit number has.
    for (let count = 0; count < 10; count += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) break;
    }
    return value;
  }

  skip(size: number): void {
    this.#offset += size;
  }
}
