import { StringPrototypeSlice, type List } from '../primordials.ts';
import { canonicalizeProtocol } from './canonicalize.ts';
import { ComponentTexts, type ComponentName } from './component-texts.ts';
import { Component } from './component.ts';
import type { PatternOptions } from './part.ts';
import { tokenize, type Token } from './tokenizer.ts';

type State = ComponentName | 'init' | 'authority' | 'done';

const protocolOptions: PatternOptions = { delimiter: '', prefix: '', ignoresCase: false };

/** https://urlpattern.spec.whatwg.org/#constructor-string-parser */
class ConstructorStringParser {
  readonly result = new ComponentTexts();
  readonly #input: string;
  readonly #tokens: List<Token>;
  #state: State = 'init';
  #componentStart = 0;
  #index = 0;
  #increment = 1;
  #groupDepth = 0;
  #bracketDepth = 0;
  #isSpecial = false;

  constructor(input: string) {
    this.#input = input;
    this.#tokens = tokenize(input, true);
  }

  parse(): void {
    while (this.#state !== 'done') {
      this.#increment = 1;
      const type = this.#tokens[this.#index]?.type ?? 'end';
      if (type === 'end') this.#atEnd();
      else if (type === 'open') this.#groupDepth += 1;
      else {
        if (this.#groupDepth > 0 && type === 'close') this.#groupDepth -= 1;
        // No component ends inside of braces.
        if (this.#groupDepth === 0) this.#step();
      }
      this.#index += this.#increment;
    }
    // Whoever gives a host and no port means the default one.
    if (this.result.hostname !== undefined) this.result.port ??= '';
  }

  #atEnd(): void {
    if (this.#state === 'init') {
      // There was no protocol: the pattern is relative.
      this.#rewind('init');
      if (this.#is('#')) this.#change('hash', 1);
      else if (this.#isSearchPrefix()) this.#change('search', 1);
      else this.#change('pathname', 0);
    } else if (this.#state === 'authority') this.#rewind('hostname');
    else this.#change('done', 0);
  }

  #step(): void {
    switch (this.#state) {
      case 'init':
        if (this.#is(':')) this.#rewind('protocol');
        break;
      case 'protocol':
        if (this.#is(':')) this.#endProtocol();
        break;
      case 'authority':
        if (this.#is('@')) this.#rewind('username');
        else if (this.#is('/') || this.#isSearchPrefix() || this.#is('#')) this.#rewind('hostname');
        break;
      case 'username':
        if (this.#is(':')) this.#change('password', 1);
        else if (this.#is('@')) this.#change('hostname', 1);
        break;
      case 'password':
        if (this.#is('@')) this.#change('hostname', 1);
        break;
      case 'hostname':
        if (this.#is('[')) this.#bracketDepth += 1;
        else if (this.#is(']')) this.#bracketDepth -= 1;
        else if (this.#is(':') && this.#bracketDepth === 0) this.#change('port', 1);
        else this.#endAuthority();
        break;
      case 'port':
        this.#endAuthority();
        break;
      case 'pathname':
        if (this.#isSearchPrefix()) this.#change('search', 1);
        else if (this.#is('#')) this.#change('hash', 1);
        break;
      case 'search':
        if (this.#is('#')) this.#change('hash', 1);
        break;
      default:
    }
  }

  #endProtocol(): void {
    const protocol = new Component(this.#componentText(), canonicalizeProtocol, protocolOptions);
    this.#isSpecial = protocol.matchesSpecialScheme();
    if (this.#isAt(this.#index + 1, '/') && this.#isAt(this.#index + 2, '/')) {
      this.#change('authority', 3);
    } else this.#change(this.#isSpecial ? 'authority' : 'pathname', 1);
  }

  #endAuthority(): void {
    if (this.#is('/')) this.#change('pathname', 0);
    else if (this.#isSearchPrefix()) this.#change('search', 1);
    else if (this.#is('#')) this.#change('hash', 1);
  }

  /** https://urlpattern.spec.whatwg.org/#change-state */
  #change(next: State, skip: number): void {
    const state = this.#state;
    if (state !== 'init' && state !== 'authority' && state !== 'done') {
      this.result[state] = this.#componentText();
    }
    if (state !== 'init' && next !== 'done') this.#fillSkipped(orderOf(state), orderOf(next));
    this.#state = next;
    this.#index += skip;
    this.#componentStart = this.#index;
    this.#increment = 0;
  }

  /** What the pattern has jumped over is empty, not anything. */
  #fillSkipped(from: number, to: number): void {
    const { result } = this;
    if (from < orderOf('hostname') && to > orderOf('hostname')) result.hostname ??= '';
    if (from < orderOf('pathname') && to > orderOf('pathname')) {
      result.pathname ??= this.#isSpecial ? '/' : '';
    }
    if (from < orderOf('search') && to > orderOf('search')) result.search ??= '';
  }

  #rewind(state: State): void {
    this.#index = this.#componentStart;
    this.#increment = 0;
    this.#state = state;
  }

  #componentText(): string {
    const start = this.#tokens[this.#componentStart]?.index ?? this.#input.length;
    const end = this.#tokens[this.#index]?.index ?? this.#input.length;
    return StringPrototypeSlice(this.#input, start, end);
  }

  #is(character: string): boolean {
    return this.#isAt(this.#index, character);
  }

  /** https://urlpattern.spec.whatwg.org/#is-a-non-special-pattern-char */
  #isAt(index: number, character: string): boolean {
    const token = this.#tokens[index];
    if (token?.value !== character) return false;
    const { type } = token;
    return type === 'char' || type === 'escaped-char' || type === 'invalid-char';
  }

  /** A question mark that is not the modifier of what is before it. */
  #isSearchPrefix(): boolean {
    if (this.#is('?')) return true;
    if (this.#tokens[this.#index]?.value !== '?') return false;
    if (this.#index === 0) return true;
    const previous = this.#tokens[this.#index - 1]?.type;
    return (
      previous !== 'name' &&
      previous !== 'regexp' &&
      previous !== 'close' &&
      previous !== 'asterisk'
    );
  }
}

/** Where the state stands in a URL. */
function orderOf(state: State): number {
  switch (state) {
    case 'hostname':
      return 1;
    case 'port':
      return 2;
    case 'pathname':
      return 3;
    case 'search':
      return 4;
    case 'hash':
      return 5;
    default:
      return 0;
  }
}

/**
 * https://urlpattern.spec.whatwg.org/#parse-a-constructor-string
 *
 * @throws TypeError when the protocol is not a pattern
 */
export function parseConstructorString(input: string): ComponentTexts {
  const parser = new ConstructorStringParser(input);
  parser.parse();
  return parser.result;
}
