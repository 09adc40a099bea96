import { isResponse } from '../fetch/response.ts';
import { streamsModule } from '../lazy/lazy-modules.ts';
import {
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  TypeError,
} from '../primordials.ts';
import { isObject, toDictionary, toUsvString } from '../webidl/convert.ts';

/** What worker code gives to insert, as HTML. */
export function toContent(content: unknown, options: unknown): string {
  if (isObject(content) && isStreamed(content)) {
    throw new TypeError('HTMLRewriter: content from a stream is not supported; give a string');
  }
  const text = toUsvString(content);
  const isHtml: unknown = ReflectGet(toDictionary<'html'>(options, 'HTMLRewriter'), 'html');
  return isHtml ? text : escapeText(text);
}

function isStreamed(content: object): boolean {
  return isResponse(content) || streamsModule.loaded?.isReadableStream(content) === true;
}

function escapeText(text: string): string {
  if (RegExpPrototypeExec(/[&<>]/, text) === null) return text;
  let escaped = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = StringPrototypeCharAt(text, i);
    if (character === '&') escaped += '&amp;';
    else if (character === '<') escaped += '&lt;';
    else if (character === '>') escaped += '&gt;';
    else escaped += character;
  }
  return escaped;
}

/** What is put around a token, or in its place; all of it HTML. */
export class TokenState {
  before = '';
  after = '';
  replacement = '';
  isRemoved = false;
  /** Its handlers run: only then may worker code touch it. */
  isValid = true;

  /** Something of the token itself is different. */
  get isChanged(): boolean {
    return this.isRemoved || this.before !== '' || this.after !== '';
  }

  addBefore(content: string): void {
    this.before += content;
  }

  /** What comes last is next to the token. */
  addAfter(content: string): void {
    this.after = content + this.after;
  }

  replace(content: string): void {
    this.isRemoved = true;
    this.replacement = content;
  }
}

/** The state, if worker code may still use it. */
export function usable<State extends { readonly isValid: boolean }>(state: State): State {
  if (!state.isValid) {
    throw new TypeError(
      'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.',
    );
  }
  return state;
}

export function illegalConstructor(): TypeError {
  return new TypeError('Illegal constructor');
}
