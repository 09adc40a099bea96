import type { Bytes } from '../fetch/body.ts';
import { newList, TypedArrayPrototypeByteLength } from '../primordials.ts';
import { concatBytes } from '../webidl/buffer-source.ts';
import { viewOf } from './bytes.ts';
import type { DocumentEncoding } from './document-encoding.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Collects what becomes of the document; stretches that nobody changed are taken as they are. */
export class RewriterOutput {
  readonly #tokenizer: Tokenizer;
  readonly #encoding: DocumentEncoding;
  #parts = newList<Bytes>();
  #sourceStart = 0;
  #sourceEnd = 0;
  /** Open elements whose content is left out. */
  hidden = 0;

  constructor(tokenizer: Tokenizer, encoding: DocumentEncoding) {
    this.#tokenizer = tokenizer;
    this.#encoding = encoding;
  }

  /** The token as it came. */
  source(): void {
    if (this.hidden > 0) return;
    const { start, end } = this.#tokenizer;
    if (this.#sourceEnd !== start || this.#sourceEnd === this.#sourceStart) {
      this.#flushSource();
      this.#sourceStart = start;
    }
    this.#sourceEnd = end;
  }

  text(text: string): void {
    if (text === '' || this.hidden > 0) return;
    this.#flushSource();
    this.#parts[this.#parts.length] = this.#encoding.encode(text);
  }

  /** Everything so far, in a buffer of its own; before the tokenizer gets more. */
  take(): Bytes | undefined {
    this.#flushSource();
    const parts = this.#parts;
    if (parts.length === 0) return undefined;
    this.#parts = newList();
    const bytes = concatBytes(parts);
    return TypedArrayPrototypeByteLength(bytes) === 0 ? undefined : bytes;
  }

  #flushSource(): void {
    if (this.#sourceEnd > this.#sourceStart) {
      const { bytes } = this.#tokenizer;
      this.#parts[this.#parts.length] = viewOf(bytes, this.#sourceStart, this.#sourceEnd);
    }
    this.#sourceStart = 0;
    this.#sourceEnd = 0;
  }
}
