import {
  newList,
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypeError,
  type List,
} from '../primordials.ts';

/** https://urlpattern.spec.whatwg.org/#token-type */
export type TokenType =
  | 'open'
  | 'close'
  | 'regexp'
  | 'name'
  | 'char'
  | 'escaped-char'
  | 'other-modifier'
  | 'asterisk'
  | 'end'
  | 'invalid-char';

export interface Token {
  readonly type: TokenType;
  /** Where it begins in the pattern. */
  readonly index: number;
  readonly value: string;
}

const identifierStart = /^[$_\p{ID_Start}]$/u;
const identifierPart = /^[$_\u200c\u200d\p{ID_Continue}]$/u;

/** https://urlpattern.spec.whatwg.org/#is-a-valid-name-code-point */
export function isNameCharacter(character: string, isFirst: boolean): boolean {
  return RegExpPrototypeExec(isFirst ? identifierStart : identifierPart, character) !== null;
}

/** The whole code point at the place; the empty string at the end. */
export function codePointAt(text: string, index: number): string {
  const unit = StringPrototypeCharCodeAt(text, index);
  // The text is well-formed: a high surrogate has its low one.
  return unit >= 0xd800 && unit < 0xdc00
    ? StringPrototypeSlice(text, index, index + 2)
    : StringPrototypeCharAt(text, index);
}

/**
 * https://urlpattern.spec.whatwg.org/#tokenize
 *
 * @param isLenient Makes an `invalid-char` of what is no pattern; a TypeError is thrown otherwise.
 */
export function tokenize(input: string, isLenient: boolean): List<Token> {
  const tokens = newList<Token>();
  let at = 0;
  while (at < input.length) {
    const token = tokenAt(input, at);
    const isInvalid = token.type === 'invalid-char';
    if (isInvalid && !isLenient) throw new TypeError(`Invalid pattern at ${at}: ${input}`);
    tokens[tokens.length] = { type: token.type, index: at, value: token.value };
    at = token.end;
  }
  tokens[tokens.length] = { type: 'end', index: at, value: '' };
  return tokens;
}

interface Scanned {
  readonly type: TokenType;
  readonly value: string;
  readonly end: number;
}

function tokenAt(input: string, at: number): Scanned {
  const value = codePointAt(input, at);
  const end = at + value.length;
  switch (value) {
    case '*':
      return { type: 'asterisk', value, end };
    case '+':
    case '?':
      return { type: 'other-modifier', value, end };
    case '{':
      return { type: 'open', value, end };
    case '}':
      return { type: 'close', value, end };
    case '\\':
      return escapedAt(input, end);
    case ':':
      return nameAt(input, end);
    case '(':
      return regexpAt(input, end);
    default:
      return { type: 'char', value, end };
  }
}

function escapedAt(input: string, start: number): Scanned {
  if (start === input.length) return { type: 'invalid-char', value: '\\', end: start };
  const value = codePointAt(input, start);
  return { type: 'escaped-char', value, end: start + value.length };
}

function nameAt(input: string, start: number): Scanned {
  let end = start;
  while (end < input.length) {
    const character = codePointAt(input, end);
    if (!isNameCharacter(character, end === start)) break;
    end += character.length;
  }
  if (end === start) return { type: 'invalid-char', value: ':', end };
  return { type: 'name', value: StringPrototypeSlice(input, start, end), end };
}

function regexpAt(input: string, start: number): Scanned {
  const end = findRegexpEnd(input, start);
  if (end <= start) return { type: 'invalid-char', value: '(', end: start };
  return { type: 'regexp', value: StringPrototypeSlice(input, start, end), end: end + 1 };
}

/** Where its closing parenthesis is, or -1: only ASCII, and no groups that capture. */
function findRegexpEnd(input: string, start: number): number {
  let depth = 1;
  if (StringPrototypeCharAt(input, start) === '?') return -1;
  for (let i = start; i < input.length; i += 1) {
    if (StringPrototypeCharCodeAt(input, i) >= 0x80) return -1;
    const character = StringPrototypeCharAt(input, i);
    if (character === '\\') {
      i += 1;
      if (i === input.length || StringPrototypeCharCodeAt(input, i) >= 0x80) return -1;
    } else if (character === ')') {
      depth -= 1;
      if (depth === 0) return i;
    } else if (character === '(') {
      depth += 1;
      if (StringPrototypeCharAt(input, i + 1) !== '?') return -1;
    }
  }
  return -1;
}
