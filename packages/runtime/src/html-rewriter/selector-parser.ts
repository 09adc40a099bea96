import {
  newList,
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeCharAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { parseNth } from './nth.ts';
import type {
  AttributeOperator,
  ComplexSelector,
  Compound,
  Condition,
  SelectorStep,
} from './selector.ts';

/** Longest selector, in UTF-16 units. */
const maxLength = 4096;
const nameStart = /[a-z_\x80-\uffff]/i;
const nameCharacter = /[a-z0-9_\-\x80-\uffff]/i;
const space = /[ \t\n\r\f]/;

/**
 * Parses a list of selectors with what can be told when a start tag is seen: no siblings, nothing
 * that looks ahead.
 *
 * @throws TypeError what is wrong, or not supported
 */
export function parseSelectors(text: string): List<ComplexSelector> {
  if (text.length > maxLength) throw new TypeError('The selector is too long');
  return new SelectorParser(text).list();
}

class SelectorParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  list(): List<ComplexSelector> {
    const selectors = newList<ComplexSelector>();
    do {
      selectors[selectors.length] = this.#complex();
    } while (this.#take(','));
    if (this.#at < this.#text.length) throw this.#problem('there is something unexpected');
    return selectors;
  }

  #complex(): ComplexSelector {
    const steps: List<SelectorStep> = newList();
    this.#skipSpace();
    for (;;) {
      const compound = this.#compound();
      const combinator = this.#combinator();
      steps[steps.length] = { compound, combinator };
      if (combinator === undefined) return steps;
    }
  }

  #combinator(): 'child' | 'descendant' | undefined {
    const hasSpace = this.#skipSpace();
    const next = this.#peek();
    if (next === '>') {
      this.#at += 1;
      this.#skipSpace();
      return 'child';
    }
    if (next === '+' || next === '~') throw this.#problem(`"${next}" is not supported`);
    return hasSpace && next !== '' && next !== ',' && next !== ')' ? 'descendant' : undefined;
  }

  #compound(): Compound {
    const compound: Compound = newList();
    const start = this.#at;
    if (this.#take('*')) {
      if (this.#peek() === '|') this.#at += 1;
    }
    if (this.#startsName()) {
      compound[0] = { kind: 'tag', name: StringPrototypeToLowerCase(this.#name()) };
    } else this.#take('*');
    if (this.#peek() === '|') throw this.#problem('namespaces are not supported');
    for (;;) {
      const condition = this.#condition();
      if (condition === undefined) break;
      compound[compound.length] = condition;
    }
    if (this.#at === start) throw this.#problem('a selector is missing');
    return compound;
  }

  #condition(): Condition | undefined {
    if (this.#take('.')) return attribute('class', '~=', this.#name());
    if (this.#take('#')) return attribute('id', '=', this.#name());
    if (this.#take('[')) return this.#attribute();
    if (this.#take(':')) return this.#pseudoClass();
    return undefined;
  }

  #attribute(): Condition {
    this.#skipSpace();
    const name = StringPrototypeToLowerCase(this.#name());
    this.#skipSpace();
    const operator = this.#operator();
    if (operator === 'exists') {
      this.#close(']');
      return attribute(name, operator, '');
    }
    this.#skipSpace();
    const quote = this.#peek();
    const value = quote === '"' || quote === "'" ? this.#string(quote) : this.#name();
    this.#skipSpace();
    const flag = StringPrototypeToLowerCase(this.#peek());
    if (flag === 'i' || flag === 's') this.#at += 1;
    this.#skipSpace();
    this.#close(']');
    return { kind: 'attribute', name, operator, value, ignoresCase: flag === 'i' };
  }

  #operator(): AttributeOperator {
    const first = this.#peek();
    if (first === '=') {
      this.#at += 1;
      return '=';
    }
    if (first === '~' || first === '|' || first === '^' || first === '$' || first === '*') {
      this.#at += 1;
      if (!this.#take('=')) throw this.#problem('an attribute has an unknown operator');
      return `${first}=`;
    }
    return 'exists';
  }

  #pseudoClass(): Condition {
    const name = StringPrototypeToLowerCase(this.#startsName() ? this.#name() : '');
    if (name === 'first-child') return { kind: 'nth', step: 0, offset: 1, isOfType: false };
    if (name === 'first-of-type') return { kind: 'nth', step: 0, offset: 1, isOfType: true };
    if (name === 'not' && this.#take('(')) return this.#not();
    if ((name === 'nth-child' || name === 'nth-of-type') && this.#take('(')) {
      const start = this.#at;
      while (this.#peek() !== ')' && this.#peek() !== '') this.#at += 1;
      const nth = parseNth(StringPrototypeSlice(this.#text, start, this.#at));
      if (nth === undefined) throw this.#problem(`:${name} is not understood`);
      this.#close(')');
      return { kind: 'nth', ...nth, isOfType: name === 'nth-of-type' };
    }
    throw this.#problem(`the pseudo-class or -element "${name}" is not supported`);
  }

  #not(): Condition {
    const compounds: List<Compound> = newList();
    do {
      this.#skipSpace();
      compounds[compounds.length] = this.#compound();
      this.#skipSpace();
    } while (this.#take(','));
    if (this.#peek() !== ')' && this.#peek() !== '') {
      throw this.#problem(':not() takes no combinators');
    }
    this.#close(')');
    return { kind: 'not', compounds };
  }

  #startsName(): boolean {
    const next = this.#peek();
    if (next === '\\') return true;
    if (next === '-') {
      const second = StringPrototypeCharAt(this.#text, this.#at + 1);
      return second === '-' || second === '\\' || matches(nameStart, second);
    }
    return matches(nameStart, next);
  }

  #name(): string {
    if (!this.#startsName()) throw this.#problem('a name is missing');
    let name = '';
    for (;;) {
      const next = this.#peek();
      if (next === '\\') name += this.#escape();
      else if (matches(nameCharacter, next)) {
        name += next;
        this.#at += 1;
      } else return name;
    }
  }

  #string(quote: string): string {
    this.#at += 1;
    let value = '';
    for (;;) {
      const next = this.#peek();
      if (next === '\n') throw this.#problem('a string has a line break');
      if (next === quote || next === '') {
        this.#at += 1;
        return value;
      }
      if (next === '\\') value += this.#escape();
      else {
        value += next;
        this.#at += 1;
      }
    }
  }

  /** https://drafts.csswg.org/css-syntax/#consume-escaped-code-point */
  #escape(): string {
    this.#at += 1;
    const rest = StringPrototypeSlice(this.#text, this.#at, this.#at + 7);
    const hex = RegExpPrototypeExec(/^([0-9a-f]{1,6})[ \t\n\r\f]?/i, rest);
    if (hex === null) {
      const character = this.#peek();
      this.#at += 1;
      return character === '' ? '\ufffd' : character;
    }
    this.#at += (hex[0] ?? '').length;
    const code = +`0x${hex[1] ?? '0'}`;
    if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
    if (code < 0x10000) return StringFromCharCode(code);
    const high = code - 0x10000;
    return StringFromCharCode(0xd800 + (high >> 10), 0xdc00 + (high & 0x3ff));
  }

  /** The end of the text closes everything. */
  #close(bracket: string): void {
    if (this.#at >= this.#text.length) return;
    if (!this.#take(bracket)) throw this.#problem(`"${bracket}" is missing`);
  }

  #skipSpace(): boolean {
    const start = this.#at;
    while (matches(space, this.#peek())) this.#at += 1;
    return this.#at > start;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #peek(): string {
    return StringPrototypeCharAt(this.#text, this.#at);
  }

  #problem(what: string): TypeError {
    return new TypeError(`The selector "${this.#text}" cannot be used: ${what}`);
  }
}

function matches(pattern: RegExp, character: string): boolean {
  return character !== '' && RegExpPrototypeExec(pattern, character) !== null;
}

function attribute(name: string, operator: AttributeOperator, value: string): Condition {
  return { kind: 'attribute', name, operator, value, ignoresCase: false };
}
