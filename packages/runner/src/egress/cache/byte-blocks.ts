const firstBlockBytes = 1024;
const largestBlockBytes = 64 * 1024;

/**
 * Bytes that come in pieces of any size, in blocks of our own: the pieces are views of larger
 * buffers, and a body of single bytes must not cost a buffer for each. Blocks grow with the body.
 */
export class ByteBlocks {
  readonly #blocks: Buffer[] = [];
  /** Used bytes of the last block. */
  #used = 0;
  #size = 0;
  #capacity = 0;

  /** Bytes appended. */
  get size(): number {
    return this.#size;
  }

  /** Memory that appending so many bytes would take. */
  growthFor(bytes: number): number {
    const free = (this.#blocks.at(-1)?.length ?? 0) - this.#used;
    return bytes <= free ? 0 : this.#nextBlock(bytes - free);
  }

  append(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const last = this.#blocks.at(-1);
    const free = last === undefined ? 0 : last.length - this.#used;
    const head = bytes.subarray(0, free);
    last?.set(head, this.#used);
    this.#used += head.length;
    const rest = bytes.subarray(head.length);
    if (rest.length === 0) return;
    // Not from Node's pool, which would be kept whole.
    const block = Buffer.allocUnsafeSlow(this.#nextBlock(rest.length));
    block.set(rest);
    this.#blocks.push(block);
    this.#capacity += block.length;
    this.#used = rest.length;
  }

  /** The blocks, of which nothing is unused; append nothing after. Answers the memory given back. */
  finish(): { blocks: readonly Buffer[]; freedBytes: number } {
    const last = this.#blocks.pop();
    if (last === undefined) return { blocks: [], freedBytes: 0 };
    const exact = Buffer.allocUnsafeSlow(this.#used);
    exact.set(last.subarray(0, this.#used));
    this.#blocks.push(exact);
    return { blocks: this.#blocks, freedBytes: last.length - this.#used };
  }

  #nextBlock(bytes: number): number {
    return Math.max(bytes, firstBlockBytes, Math.min(this.#capacity, largestBlockBytes));
  }
}
