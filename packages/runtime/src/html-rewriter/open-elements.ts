import { newList, TypeError } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import type { EndTagHandler } from './element-state.ts';
import type { Scope } from './selector-set.ts';

/** What handlers of an element want at its end tag. */
export interface EndEffects {
  readonly appended: string;
  readonly after: string;
  readonly newName: string | undefined;
  readonly removesTag: boolean;
  /** The content of the element is left out. */
  readonly hidesContent: boolean;
  readonly handler: EndTagHandler | undefined;
}

/** An element whose end tag has not come. */
export interface OpenElement {
  readonly name: string;
  readonly scope: Scope;
  /** Rules whose handlers see its text and comments. */
  readonly rules: List<number>;
  readonly effects: EndEffects | undefined;
  childCount: number;
  /** Children by name; only when a selector asks. */
  childrenOfType: SafeMap<string, number> | undefined;
}

/** Markup that opens elements and never closes them must not fill the memory. */
const mostOpen = 50_000;

/** The elements that are open, without those that the standard would close: nothing is built here. */
export class OpenElements {
  readonly #open = newList<OpenElement>();
  readonly #root: OpenElement;

  constructor(scope: Scope) {
    this.#root = newOpenElement({ name: '', scope, rules: newList(), effects: undefined });
  }

  get current(): OpenElement {
    return this.#open[this.#open.length - 1] ?? this.#root;
  }

  push(element: OpenElement): void {
    if (this.#open.length >= mostOpen) {
      throw new TypeError(`HTMLRewriter: more than ${mostOpen} elements are open`);
    }
    this.#open[this.#open.length] = element;
  }

  /** What the end tag closes, innermost first; nothing when no such element is open. */
  close(name: string): List<OpenElement> {
    const closed = newList<OpenElement>();
    let at = this.#open.length - 1;
    while (at >= 0 && this.#open[at]?.name !== name) at -= 1;
    if (at < 0) return closed;
    for (let i = this.#open.length - 1; i >= at; i -= 1) {
      const element = this.#open[i];
      if (element !== undefined) closed[closed.length] = element;
    }
    this.#open.length = at;
    return closed;
  }
}

export function newOpenElement(
  given: Pick<OpenElement, 'name' | 'scope' | 'rules' | 'effects'>,
): OpenElement {
  const { name, scope, rules, effects } = given;
  return { name, scope, rules, effects, childCount: 0, childrenOfType: undefined };
}

/** Counts one more child; answers its index, and that among children of its name. */
export function countChild(
  parent: OpenElement,
  name: string,
  countsTypes: boolean,
): { index: number; indexOfType: number } {
  parent.childCount += 1;
  if (!countsTypes) return { index: parent.childCount, indexOfType: 0 };
  parent.childrenOfType ??= new SafeMap();
  const indexOfType = (parent.childrenOfType.get(name) ?? 0) + 1;
  parent.childrenOfType.set(name, indexOfType);
  return { index: parent.childCount, indexOfType };
}
