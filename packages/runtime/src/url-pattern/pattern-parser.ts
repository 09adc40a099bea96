import { newList, TypeError, type List } from '../primordials.ts';
import { SafeSet } from '../safe-collections.ts';
import { segmentWildcard } from './escape.ts';
import {
  fullWildcard,
  type Encode,
  type Modifier,
  type Part,
  type PartType,
  type PatternOptions,
} from './part.ts';
import { tokenize, type Token, type TokenType } from './tokenizer.ts';

/** What stands between the fixed texts, as tokens. */
interface Group {
  readonly prefix: string;
  readonly name: Token | undefined;
  readonly matcher: Token | undefined;
  readonly suffix: string;
  readonly modifier: Modifier;
}

/** https://urlpattern.spec.whatwg.org/#pattern-parser */
class PatternParser {
  readonly parts = newList<Part>();
  readonly #tokens: List<Token>;
  readonly #options: PatternOptions;
  readonly #encode: Encode;
  readonly #names = new SafeSet<string>();
  readonly #segmentWildcard: string;
  #fixedText = '';
  #index = 0;
  #nextNumber = 0;

  constructor(input: string, options: PatternOptions, encode: Encode) {
    this.#tokens = tokenize(input, false);
    this.#options = options;
    this.#encode = encode;
    this.#segmentWildcard = segmentWildcard(options);
  }

  parse(): void {
    while (this.#index < this.#tokens.length) this.#parseNext();
  }

  #parseNext(): void {
    const char = this.#take('char');
    const name = this.#take('name');
    const matcher = this.#takeMatcher(name);
    if (name !== undefined || matcher !== undefined) {
      let prefix = char?.value ?? '';
      if (prefix !== '' && prefix !== this.#options.prefix) {
        this.#fixedText += prefix;
        prefix = '';
      }
      this.#flushFixedText();
      this.#add({ prefix, name, matcher, suffix: '', modifier: this.#takeModifier() });
      return;
    }
    const fixed = char ?? this.#take('escaped-char');
    if (fixed !== undefined) {
      this.#fixedText += fixed.value;
      return;
    }
    if (this.#take('open') !== undefined) {
      this.#parseBraces();
      return;
    }
    this.#flushFixedText();
    this.#require('end');
  }

  #parseBraces(): void {
    const prefix = this.#takeText();
    const name = this.#take('name');
    const matcher = this.#takeMatcher(name);
    const suffix = this.#takeText();
    this.#require('close');
    this.#add({ prefix, name, matcher, suffix, modifier: this.#takeModifier() });
  }

  /** https://urlpattern.spec.whatwg.org/#add-a-part */
  #add(group: Group): void {
    const { prefix, name, matcher, modifier } = group;
    if (name === undefined && matcher === undefined) {
      if (modifier === '') this.#fixedText += prefix;
      else {
        this.#flushFixedText();
        if (prefix !== '') this.#addFixedText(this.#encode(prefix), modifier);
      }
      return;
    }
    this.#flushFixedText();
    const { type, value } = this.#matcherOf(matcher);
    const encode = this.#encode;
    this.parts[this.parts.length] = {
      type,
      value,
      modifier,
      name: this.#nameOf(name),
      prefix: encode(prefix),
      suffix: encode(group.suffix),
    };
  }

  #matcherOf(matcher: Token | undefined): { type: PartType; value: string } {
    let value = this.#segmentWildcard;
    if (matcher !== undefined) value = matcher.type === 'asterisk' ? fullWildcard : matcher.value;
    if (value === this.#segmentWildcard) return { type: 'segment-wildcard', value: '' };
    if (value === fullWildcard) return { type: 'full-wildcard', value: '' };
    return { type: 'regexp', value };
  }

  #nameOf(token: Token | undefined): string {
    let name = token?.value;
    if (name === undefined) {
      name = `${this.#nextNumber}`;
      this.#nextNumber += 1;
    }
    if (this.#names.has(name)) throw new TypeError(`Two groups of the pattern are named ${name}`);
    this.#names.add(name);
    return name;
  }

  #flushFixedText(): void {
    const text = this.#fixedText;
    if (text === '') return;
    this.#fixedText = '';
    this.#addFixedText(this.#encode(text), '');
  }

  #addFixedText(value: string, modifier: Modifier): void {
    const part: Part = { type: 'fixed-text', value, modifier, name: '', prefix: '', suffix: '' };
    this.parts[this.parts.length] = part;
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index += 1;
    return token;
  }

  #takeMatcher(name: Token | undefined): Token | undefined {
    return this.#take('regexp') ?? (name === undefined ? this.#take('asterisk') : undefined);
  }

  #takeModifier(): Modifier {
    const token = this.#take('other-modifier') ?? this.#take('asterisk');
    // These tokens are one of the three characters.
    return token === undefined ? '' : (token.value as Modifier);
  }

  #takeText(): string {
    let text = '';
    for (;;) {
      const token = this.#take('char') ?? this.#take('escaped-char');
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #require(type: TokenType): void {
    if (this.#take(type) !== undefined) return;
    const found = this.#tokens[this.#index];
    throw new TypeError(`Invalid pattern: ${found?.value ?? ''} at ${found?.index ?? 0}`);
  }
}

/**
 * https://urlpattern.spec.whatwg.org/#parse-a-pattern-string
 *
 * @throws TypeError when the input is not a pattern
 */
export function parsePattern(input: string, options: PatternOptions, encode: Encode): List<Part> {
  const parser = new PatternParser(input, options, encode);
  parser.parse();
  return parser.parts;
}
