import { newList, StringPrototypeToLowerCase } from '../primordials.ts';
import {
  breakoutElements,
  mathIntegrationPoints,
  svgIntegrationPoints,
  voidElements,
} from './name-sets.ts';

export type Namespace = 'html' | 'svg' | 'math';

export const namespaceUris: Readonly<Record<Namespace, string>> = {
  html: 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  math: 'http://www.w3.org/1998/Math/MathML',
};

interface StartTag {
  readonly name: string;
  readonly isSelfClosing: boolean;
  /** Value of an attribute; undefined when it is not there. */
  readonly attribute: (name: string) => string | undefined;
}

/** Nested namespaces beyond this are not told apart any more. */
const mostNested = 1_000;

/** Follows which namespace the next tag is in, without building a tree. */
export class Namespaces {
  readonly #nested = newList<{ readonly opener: string; readonly namespace: Namespace }>();

  get current(): Namespace {
    const { length } = this.#nested;
    return length === 0 ? 'html' : (this.#nested[length - 1]?.namespace ?? 'html');
  }

  /** The namespace of the element that the tag starts. */
  start(tag: StartTag): Namespace {
    const { name, isSelfClosing } = tag;
    if (this.current !== 'html' && isBreakout(tag)) this.#leaveForeign();
    const { current } = this;
    const namespace = current === 'html' ? opened(name) : current;
    const inside = namespace === 'html' ? undefined : insideOf(tag, namespace, current);
    if (inside !== undefined && !isSelfClosing && this.#nested.length < mostNested) {
      this.#nested[this.#nested.length] = { opener: name, namespace: inside };
    }
    return namespace;
  }

  end(name: string): void {
    for (let i = this.#nested.length - 1; i >= 0; i -= 1) {
      if (this.#nested[i]?.opener !== name) continue;
      this.#nested.length = i;
      return;
    }
    if (this.current !== 'html' && (name === 'p' || name === 'br')) this.#leaveForeign();
  }

  #leaveForeign(): void {
    let { length } = this.#nested;
    while (length > 0 && this.#nested[length - 1]?.namespace !== 'html') length -= 1;
    this.#nested.length = length;
  }
}

/** Whether an element has neither content nor end tag. */
export function isEmptyElement(
  name: string,
  namespace: Namespace,
  isSelfClosing: boolean,
): boolean {
  return namespace === 'html' ? voidElements.has(name) : isSelfClosing;
}

function opened(name: string): Namespace {
  return name === 'svg' || name === 'math' ? name : 'html';
}

/** The namespace that the content of the element is in, when that changes. */
function insideOf(tag: StartTag, namespace: Namespace, current: Namespace): Namespace | undefined {
  if (current === 'html') return namespace;
  if (namespace === 'svg') return svgIntegrationPoints.has(tag.name) ? 'html' : undefined;
  if (mathIntegrationPoints.has(tag.name)) return 'html';
  if (tag.name !== 'annotation-xml') return undefined;
  const encoding = StringPrototypeToLowerCase(tag.attribute('encoding') ?? '');
  return encoding === 'text/html' || encoding === 'application/xhtml+xml' ? 'html' : undefined;
}

function isBreakout({ name, attribute }: StartTag): boolean {
  if (breakoutElements.has(name)) return true;
  if (name !== 'font') return false;
  return (
    attribute('color') !== undefined ||
    attribute('face') !== undefined ||
    attribute('size') !== undefined
  );
}
