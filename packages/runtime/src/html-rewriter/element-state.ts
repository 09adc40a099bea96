import type { Bytes } from '../fetch/body.ts';
import {
  newList,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  StringPrototypeSplit,
  ArrayPrototypeJoin,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import type { List } from '../primordials.ts';
import { TokenState } from './content.ts';
import type { DocumentEncoding } from './document-encoding.ts';
import { namespaceUris } from './namespaces.ts';
import type { Namespace } from './namespaces.ts';
import type { TagSpan } from './tag-scanner.ts';

export type EndTagHandler = (...args: never) => unknown;

interface Attribute {
  readonly name: string;
  value: string;
  /** As it was written; undefined when it was changed. */
  source: string | undefined;
}

interface ElementOptions {
  readonly bytes: Bytes;
  readonly name: string;
  readonly namespace: Namespace;
  readonly tag: TagSpan;
  readonly encoding: DocumentEncoding;
  /** Neither content nor end tag. */
  readonly isEmpty: boolean;
  /** It is part of content that goes. */
  readonly isHidden: boolean;
}

/** One start tag, what handlers did to it, and what they want of its content and its end tag. */
export class ElementState extends TokenState {
  readonly #options: ElementOptions;
  #attributes: List<Attribute> | undefined;
  #isTagChanged = false;
  /** Undefined until it is changed. */
  newName: string | undefined = undefined;
  prepended = '';
  appended = '';
  /** The content goes. */
  isInnerRemoved = false;
  /** In place of the content. */
  inner = '';
  /** The tags go, the content stays. */
  isUnwrapped = false;
  endTagHandler: EndTagHandler | undefined = undefined;

  constructor(options: ElementOptions) {
    super();
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#options.isEmpty;
  }

  get isGone(): boolean {
    return this.isRemoved || this.isUnwrapped || this.#options.isHidden;
  }

  get tagName(): string {
    return StringPrototypeToLowerCase(this.newName ?? this.#options.name);
  }

  set tagName(name: string) {
    if (name === '') throw new TypeError("Tag name can't be empty.");
    if (RegExpPrototypeExec(/^[A-Za-z]/, name) === null) {
      throw new TypeError('The first character of the tag name should be an ASCII letter.');
    }
    refuseCharacters(name, /[ \n\r\t\f/>]/, 'the tag name');
    this.newName = name;
    this.#isTagChanged = true;
  }

  get namespaceUri(): string {
    return namespaceUris[this.#options.namespace];
  }

  get attributes(): List<Attribute> {
    this.#attributes ??= this.#readAttributes();
    return this.#attributes;
  }

  getAttribute(name: string): string | undefined {
    return this.#find(StringPrototypeToLowerCase(name))?.value;
  }

  setAttribute(givenName: string, value: string): void {
    const name = StringPrototypeToLowerCase(givenName);
    if (name === '') throw new TypeError("Attribute name can't be empty.");
    refuseCharacters(name, /[ \n\r\t\f/>=]/, 'the attribute name');
    this.#isTagChanged = true;
    const attribute = this.#find(name);
    if (attribute === undefined) {
      const { attributes } = this;
      attributes[attributes.length] = { name, value, source: undefined };
    } else {
      attribute.value = value;
      attribute.source = undefined;
    }
  }

  removeAttribute(givenName: string): void {
    const name = StringPrototypeToLowerCase(givenName);
    const { attributes } = this;
    let kept = 0;
    for (let i = 0; i < attributes.length; i += 1) {
      const attribute = attributes[i];
      if (attribute === undefined || attribute.name === name) continue;
      attributes[kept] = attribute;
      kept += 1;
    }
    if (kept < attributes.length) this.#isTagChanged = true;
    attributes.length = kept;
  }

  prepend(content: string): void {
    if (!this.isEmpty) this.prepended = content + this.prepended;
  }

  append(content: string): void {
    if (!this.isEmpty) this.appended += content;
  }

  setInnerContent(content: string): void {
    if (this.isEmpty) return;
    this.#removeInner();
    this.inner = content;
  }

  override replace(content: string): void {
    super.replace(content);
    this.#removeInner();
  }

  /** The start tag as it is now; undefined when it can stay as it was written. */
  get changedTag(): string | undefined {
    if (!this.#isTagChanged) return undefined;
    const { bytes, tag, encoding } = this.#options;
    // The name as it was written, if it was not changed.
    const start = tag.nameEnd - this.#options.name.length;
    let text = `<${this.newName ?? encoding.decode(bytes, start, tag.nameEnd)}`;
    const { attributes } = this;
    for (let i = 0; i < attributes.length; i += 1) {
      const attribute = attributes[i];
      if (attribute !== undefined) text += ` ${attribute.source ?? written(attribute)}`;
    }
    if (!tag.isSelfClosing) return `${text}>`;
    // An unquoted value would take the slash.
    return attributes.length > 0 ? `${text} />` : `${text}/>`;
  }

  #removeInner(): void {
    this.isInnerRemoved = true;
    this.prepended = '';
    this.appended = '';
    this.inner = '';
  }

  #find(name: string): Attribute | undefined {
    const { attributes } = this;
    for (let i = 0; i < attributes.length; i += 1) {
      if (attributes[i]?.name === name) return attributes[i];
    }
    return undefined;
  }

  #readAttributes(): List<Attribute> {
    const { bytes, tag, encoding } = this.#options;
    const list = newList<Attribute>();
    for (let i = 0; i < tag.attributes.length; i += 1) {
      const span = tag.attributes[i];
      if (span === undefined) continue;
      list[list.length] = {
        name: StringPrototypeToLowerCase(encoding.decode(bytes, span.nameStart, span.nameEnd)),
        value: encoding.decode(bytes, span.valueStart, span.valueEnd),
        source: encoding.decode(bytes, span.nameStart, span.end),
      };
    }
    return list;
  }
}

function written({ name, value }: Attribute): string {
  return `${name}="${ArrayPrototypeJoin(StringPrototypeSplit(value, '"'), '&quot;')}"`;
}

function refuseCharacters(text: string, pattern: RegExp, where: string): void {
  const match = RegExpPrototypeExec(pattern, text);
  if (match === null) return;
  throw new TypeError(
    `\`${StringPrototypeSlice(match[0] ?? '', 0, 1)}\` character is forbidden in ${where}`,
  );
}
