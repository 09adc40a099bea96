/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { StringPrototypeIndexOf, StringPrototypeToLowerCase, TypeError } from '../primordials.ts';
import { requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { illegalConstructor, toContent, TokenState, usable } from './content.ts';

/* What handlers get beside elements: https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/ */

export class EndTagState extends TokenState {
  name: string;
  isRenamed = false;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

export class EndTag {
  readonly #state: EndTagState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof EndTagState)) throw illegalConstructor();
    this.#state = state;
  }

  get name(): string {
    return StringPrototypeToLowerCase(usable(this.#state).name);
  }

  set name(name: unknown) {
    const state = usable(this.#state);
    state.name = toUsvString(name);
    state.isRenamed = true;
  }

  before(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'EndTag.before');
    usable(this.#state).addBefore(toContent(content, options));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'EndTag.after');
    usable(this.#state).addAfter(toContent(content, options));
    return this;
  }

  remove(): this {
    usable(this.#state).isRemoved = true;
    return this;
  }

  static {
    defineInterface(this, 'EndTag');
  }
}

export class TextState extends TokenState {
  readonly text: string;
  readonly isLast: boolean;

  constructor(text: string, isLast: boolean) {
    super();
    this.text = text;
    this.isLast = isLast;
  }
}

export class Text {
  readonly #state: TextState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof TextState)) throw illegalConstructor();
    this.#state = state;
  }

  get text(): string {
    return usable(this.#state).text;
  }

  get lastInTextNode(): boolean {
    return usable(this.#state).isLast;
  }

  get removed(): boolean {
    return usable(this.#state).isRemoved;
  }

  before(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Text.before');
    usable(this.#state).addBefore(toContent(content, options));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Text.after');
    usable(this.#state).addAfter(toContent(content, options));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Text.replace');
    usable(this.#state).replace(toContent(content, options));
    return this;
  }

  remove(): this {
    usable(this.#state).replace('');
    return this;
  }

  static {
    defineInterface(this, 'Text');
  }
}

export class CommentState extends TokenState {
  text: string;
  isTextChanged = false;

  constructor(text: string) {
    super();
    this.text = text;
  }
}

export class Comment {
  readonly #state: CommentState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof CommentState)) throw illegalConstructor();
    this.#state = state;
  }

  get text(): string {
    return usable(this.#state).text;
  }

  set text(value: unknown) {
    const state = usable(this.#state);
    const text = toUsvString(value);
    if (StringPrototypeIndexOf(text, '-->') >= 0) {
      throw new TypeError("Comment text shouldn't contain a comment-closing sequence.");
    }
    state.text = text;
    state.isTextChanged = true;
  }

  get removed(): boolean {
    return usable(this.#state).isRemoved;
  }

  before(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Comment.before');
    usable(this.#state).addBefore(toContent(content, options));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Comment.after');
    usable(this.#state).addAfter(toContent(content, options));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Comment.replace');
    usable(this.#state).replace(toContent(content, options));
    return this;
  }

  remove(): this {
    usable(this.#state).replace('');
    return this;
  }

  static {
    defineInterface(this, 'Comment');
  }
}

export class DoctypeState {
  isValid = true;
  readonly name: string | null;
  readonly publicId: string | null;
  readonly systemId: string | null;

  constructor({ name, publicId, systemId }: Pick<DoctypeState, 'name' | 'publicId' | 'systemId'>) {
    this.name = name;
    this.publicId = publicId;
    this.systemId = systemId;
  }
}

export class Doctype {
  readonly #state: DoctypeState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof DoctypeState)) throw illegalConstructor();
    this.#state = state;
  }

  get name(): string | null {
    return usable(this.#state).name;
  }

  get publicId(): string | null {
    return usable(this.#state).publicId;
  }

  get systemId(): string | null {
    return usable(this.#state).systemId;
  }

  static {
    defineInterface(this, 'Doctype');
  }
}

export class DocumentEndState {
  isValid = true;
  appended = '';
}

export class DocumentEnd {
  readonly #state: DocumentEndState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof DocumentEndState)) throw illegalConstructor();
    this.#state = state;
  }

  append(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'DocumentEnd.append');
    usable(this.#state).appended += toContent(content, options);
    return this;
  }

  static {
    defineInterface(this, 'DocumentEnd');
  }
}
