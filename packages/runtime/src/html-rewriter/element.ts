/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { requireArguments, toUsvString } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { definePairIterator } from '../webidl/pair-iterator.ts';
import { illegalConstructor, toContent, usable } from './content.ts';
import { ElementState } from './element-state.ts';
import type { EndTagHandler } from './element-state.ts';

const iterateAttributes = definePairIterator<ElementState>('Attributes', (state, index) => {
  const attribute = usable(state).attributes[index];
  return attribute && [attribute.name, attribute.value];
});

/** A start tag, as element handlers get it: https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#element */
export class Element {
  readonly #state: ElementState;

  constructor(state: unknown = undefined) {
    if (!(state instanceof ElementState)) throw illegalConstructor();
    this.#state = state;
  }

  get tagName(): string {
    return usable(this.#state).tagName;
  }

  set tagName(name: unknown) {
    usable(this.#state).tagName = toUsvString(name);
  }

  get attributes(): IterableIterator<unknown> {
    return iterateAttributes(usable(this.#state), 'entries');
  }

  get removed(): boolean {
    return usable(this.#state).isGone;
  }

  get namespaceURI(): string {
    return usable(this.#state).namespaceUri;
  }

  getAttribute(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'Element.getAttribute');
    return usable(this.#state).getAttribute(toUsvString(name)) ?? null;
  }

  hasAttribute(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'Element.hasAttribute');
    return usable(this.#state).getAttribute(toUsvString(name)) !== undefined;
  }

  setAttribute(name: unknown, value: unknown): this {
    requireArguments(arguments.length, 2, 'Element.setAttribute');
    usable(this.#state).setAttribute(toUsvString(name), toUsvString(value));
    return this;
  }

  removeAttribute(name: unknown): this {
    requireArguments(arguments.length, 1, 'Element.removeAttribute');
    usable(this.#state).removeAttribute(toUsvString(name));
    return this;
  }

  before(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.before');
    usable(this.#state).addBefore(toContent(content, options));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.after');
    usable(this.#state).addAfter(toContent(content, options));
    return this;
  }

  prepend(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.prepend');
    usable(this.#state).prepend(toContent(content, options));
    return this;
  }

  append(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.append');
    usable(this.#state).append(toContent(content, options));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.replace');
    usable(this.#state).replace(toContent(content, options));
    return this;
  }

  remove(): this {
    usable(this.#state).replace('');
    return this;
  }

  removeAndKeepContent(): this {
    usable(this.#state).isUnwrapped = true;
    return this;
  }

  setInnerContent(content: unknown, options: unknown = undefined): this {
    requireArguments(arguments.length, 1, 'Element.setInnerContent');
    usable(this.#state).setInnerContent(toContent(content, options));
    return this;
  }

  /** The handler of the last call counts. */
  onEndTag(handler: unknown): void {
    const state = usable(this.#state);
    if (typeof handler !== 'function') throw new TypeError('The end tag handler is not a function');
    if (state.isEmpty) throw new TypeError('No end tag.');
    // Whatever is callable can be called with anything.
    state.endTagHandler = handler as EndTagHandler;
  }

  static {
    defineInterface(this, 'Element');
  }
}
