import {
  newList,
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeIndexOf,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { concatBytes } from '../webidl/buffer-source.ts';
import type { Bytes } from '../fetch/body.ts';
import {
  bang,
  dash,
  greaterThan,
  hasAsciiAt,
  isLetter,
  lessThan,
  lowerCaseName,
  questionMark,
  slash,
  viewOf,
} from './bytes.ts';
import { rawTextElements } from './name-sets.ts';
import { Namespaces } from './namespaces.ts';
import type { Namespace } from './namespaces.ts';
import { scanRawText, ScriptScanner } from './raw-text.ts';
import { scanTag } from './tag-scanner.ts';
import type { TagSpan } from './tag-scanner.ts';

/** `raw` is markup that means nothing; it ends a text like any other. */
export type TokenKind = 'text' | 'startTag' | 'endTag' | 'comment' | 'doctype' | 'raw';

/** Longest tag, comment or doctype in bytes: it is held until it is complete. */
const maxTokenBytes = 1024 * 1024;
/** `<![CDATA[` is the longest that must be seen to know what follows. */
const markupLookahead = 9;

/**
 * https://html.spec.whatwg.org/#tokenization over bytes in any encoding that contains ASCII. It
 * keeps offsets and decodes nothing, so that what nobody changes passes as it came.
 */
export class Tokenizer {
  readonly #namespaces = new Namespaces();
  readonly #script = new ScriptScanner();
  #length = 0;
  #next = 0;
  #isLast = false;
  /** Set while only an end tag of that name ends the text; `plaintext` never ends. */
  #rawName = '';
  #isCdata = false;

  // The token that `advance` found.
  bytes: Bytes = new Uint8Array(0);
  kind: TokenKind = 'raw';
  start = 0;
  end = 0;
  /** Of a comment's text. */
  textStart = 0;
  textEnd = 0;
  /** Of a tag, in lower case. */
  name = '';
  tag: TagSpan | undefined = undefined;
  namespace: Namespace = 'html';

  /** More of the document; only after `advance` answered false. */
  push(chunk: Bytes): void {
    const restLength = this.#length - this.#next;
    if (restLength > maxTokenBytes) {
      throw new TypeError('HTMLRewriter: a tag or comment is larger than 1 MiB');
    }
    if (restLength === 0) this.bytes = chunk;
    else {
      const parts = newList<Bytes>();
      parts[0] = viewOf(this.bytes, this.#next, this.#length);
      parts[1] = chunk;
      this.bytes = concatBytes(parts);
    }
    this.#next = 0;
    this.#length = TypedArrayPrototypeByteLength(this.bytes);
  }

  /** Nothing more comes: what is incomplete is taken as it is. */
  finish(): void {
    this.#isLast = true;
  }

  /** Finds the next token. False when more of the document is needed. */
  advance(): boolean {
    const start = this.#next;
    if (start >= this.#length) return false;
    this.start = start;
    if (this.#isCdata) return this.#cdata(start);
    if (this.#rawName !== '') return this.#rawText(start);
    if (this.bytes[start] !== lessThan) return this.#text(start);
    return this.#markup(start);
  }

  /** Value of an attribute as ASCII, for what the standard compares. */
  #attribute(tag: TagSpan, name: string): string | undefined {
    const { attributes } = tag;
    for (let i = 0; i < attributes.length; i += 1) {
      const span = attributes[i];
      if (span === undefined) continue;
      if (lowerCaseName(this.bytes, span.nameStart, span.nameEnd) !== name) continue;
      return lowerCaseName(this.bytes, span.valueStart, span.valueEnd);
    }
    return undefined;
  }

  #found(kind: TokenKind, end: number): true {
    this.kind = kind;
    this.end = end;
    this.#next = end;
    return true;
  }

  #text(from: number): true {
    const next = TypedArrayPrototypeIndexOf(this.bytes, lessThan, from);
    return this.#found('text', next < 0 ? this.#length : next);
  }

  #markup(start: number): boolean {
    const { bytes } = this;
    const length = this.#length;
    const second = bytes[start + 1];
    if (second === undefined || start + 1 >= length) return this.#incomplete('text');
    if (isLetter(second)) return this.#startTag(start);
    if (second === slash) {
      if (start + 2 >= length) return this.#incomplete('text');
      if (isLetter(bytes[start + 2])) return this.#endTag(start);
      if (bytes[start + 2] === greaterThan) return this.#found('raw', start + 3);
      return this.#bogusComment(start, start + 2);
    }
    if (second === questionMark) return this.#bogusComment(start, start + 1);
    if (second === bang) return this.#declaration(start);
    // A bare `<` is text.
    return this.#text(start + 1);
  }

  #startTag(start: number): boolean {
    const tag = scanTag(this.bytes, this.#length, start + 1);
    if (tag === undefined) return this.#incomplete('raw');
    this.tag = tag;
    this.name = lowerCaseName(this.bytes, start + 1, tag.nameEnd);
    const { name } = this;
    this.namespace = this.#namespaces.start({
      name,
      isSelfClosing: tag.isSelfClosing,
      attribute: (attributeName) => this.#attribute(tag, attributeName),
    });
    const isRaw = name === 'script' || name === 'plaintext' || rawTextElements.has(name);
    if (isRaw && this.namespace === 'html') this.#rawName = name;
    return this.#found('startTag', tag.end);
  }

  #endTag(start: number): boolean {
    const tag = scanTag(this.bytes, this.#length, start + 2);
    if (tag === undefined) return this.#incomplete('raw');
    this.tag = tag;
    this.name = lowerCaseName(this.bytes, start + 2, tag.nameEnd);
    this.#namespaces.end(this.name);
    return this.#found('endTag', tag.end);
  }

  #declaration(start: number): boolean {
    const { bytes } = this;
    if (bytes[start + 2] === dash && bytes[start + 3] === dash) return this.#comment(start);
    if (!this.#isLast && this.#length - start < markupLookahead) return false;
    if (hasAsciiAt(bytes, start + 2, 'doctype')) {
      const end = TypedArrayPrototypeIndexOf(bytes, greaterThan, start);
      return end < 0 ? this.#incomplete('raw') : this.#found('doctype', end + 1);
    }
    if (this.#namespaces.current !== 'html' && hasAsciiAt(bytes, start + 2, '[cdata[')) {
      this.#isCdata = true;
      return this.#found('raw', start + 9);
    }
    return this.#bogusComment(start, start + 2);
  }

  /** https://html.spec.whatwg.org/#comment-start-state and what follows. */
  #comment(start: number): boolean {
    const { bytes } = this;
    const textStart = start + 4;
    this.textStart = textStart;
    let at = TypedArrayPrototypeIndexOf(bytes, greaterThan, textStart);
    for (; at >= 0; at = TypedArrayPrototypeIndexOf(bytes, greaterThan, at + 1)) {
      const isAbrupt = at === textStart || (at === textStart + 1 && bytes[at - 1] === dash);
      const textEnd = isAbrupt ? textStart : commentEnd(bytes, at);
      if (textEnd < textStart) continue;
      this.textEnd = textEnd;
      return this.#found('comment', at + 1);
    }
    this.textEnd = this.#length;
    return this.#incomplete('comment');
  }

  #bogusComment(start: number, textStart: number): boolean {
    const end = TypedArrayPrototypeIndexOf(this.bytes, greaterThan, start);
    this.textStart = textStart;
    this.textEnd = end < 0 ? this.#length : end;
    return end < 0 ? this.#incomplete('comment') : this.#found('comment', end + 1);
  }

  #rawText(start: number): boolean {
    const name = this.#rawName;
    if (name === 'plaintext') return this.#found('text', this.#length);
    const place = { start, length: this.#length, isLast: this.#isLast, name };
    const { end, isAtEndTag } =
      name === 'script' ? this.#script.scan(this.bytes, place) : scanRawText(this.bytes, place);
    if (end > start) return this.#found('text', end);
    if (!isAtEndTag) return false;
    const isComplete = this.#endTag(start);
    if (isComplete) this.#rawName = '';
    return isComplete;
  }

  #cdata(start: number): boolean {
    const { bytes } = this;
    let at = TypedArrayPrototypeIndexOf(bytes, greaterThan, start);
    while (at >= 0 && !(at >= start + 2 && bytes[at - 1] === 0x5d && bytes[at - 2] === 0x5d)) {
      at = TypedArrayPrototypeIndexOf(bytes, greaterThan, at + 1);
    }
    if (at === start + 2) {
      this.#isCdata = false;
      return this.#found('raw', at + 1);
    }
    if (at > 0) return this.#found('text', at - 2);
    // Two brackets may be the beginning of its end.
    const end = this.#isLast ? this.#length : this.#length - 2;
    return end > start && this.#found('text', end);
  }

  /** At the end of the document, what is incomplete is of that kind. */
  #incomplete(kind: TokenKind): boolean {
    return this.#isLast && this.#found(kind, this.#length);
  }
}

/** Where the text of a comment ends whose `>` that may be; -1 when it is not. */
function commentEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at - 1] === dash && bytes[at - 2] === dash) return at - 2;
  const isBang = bytes[at - 1] === bang && bytes[at - 2] === dash && bytes[at - 3] === dash;
  return isBang ? at - 3 : -1;
}
