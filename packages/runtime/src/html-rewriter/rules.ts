import { newList, TypeError } from '../primordials.ts';
import { isObject } from '../webidl/convert.ts';
import { toCallback } from '../webidl/to-algorithm.ts';
import type { ComplexSelector, Compound } from './selector.ts';
import { parseSelectors } from './selector-parser.ts';
import { SelectorSet } from './selector-set.ts';

type Callback = ReturnType<typeof toCallback>;

/** What `on` was given. */
export interface ElementRule {
  /** `this` of the handlers. */
  readonly handlers: object;
  readonly element: Callback;
  readonly comments: Callback;
  readonly text: Callback;
}

/** What `onDocument` was given. */
export interface DocumentRule {
  readonly handlers: object;
  readonly doctype: Callback;
  readonly comments: Callback;
  readonly text: Callback;
  readonly end: Callback;
}

/** Calls of `on` of one rewriter. */
const mostRules = 1_000;

/** Everything that one rewriter was told. */
export class Rules {
  readonly elements = newList<ElementRule>();
  readonly documents = newList<DocumentRule>();
  readonly selectors = new SelectorSet();
  countsTypes = false;

  /** @throws TypeError for a selector or handlers that cannot be used */
  addElement(selector: string, handlers: unknown): void {
    const given = requireHandlers(handlers, 'on');
    const rule = {
      handlers: given,
      element: toCallback(given, 'element'),
      comments: toCallback(given, 'comments'),
      text: toCallback(given, 'text'),
    };
    const parsed = parseSelectors(selector);
    if (this.elements.length >= mostRules) throw new TypeError('HTMLRewriter: too many handlers');
    for (let i = 0; i < parsed.length; i += 1) {
      const complex = parsed[i];
      if (complex === undefined) continue;
      this.countsTypes ||= asksForType(complex);
      this.selectors.add(complex, this.elements.length);
    }
    this.elements[this.elements.length] = rule;
  }

  addDocument(handlers: unknown): void {
    const given = requireHandlers(handlers, 'onDocument');
    if (this.documents.length >= mostRules) throw new TypeError('HTMLRewriter: too many handlers');
    this.documents[this.documents.length] = {
      handlers: given,
      doctype: toCallback(given, 'doctype'),
      comments: toCallback(given, 'comments'),
      text: toCallback(given, 'text'),
      end: toCallback(given, 'end'),
    };
  }
}

function requireHandlers(value: unknown, method: string): object {
  if (isObject(value)) return value;
  throw new TypeError(`HTMLRewriter.${method}: the handlers are not an object`);
}

function asksForType(selector: ComplexSelector): boolean {
  for (let i = 0; i < selector.length; i += 1) {
    const compound = selector[i]?.compound;
    if (compound !== undefined && compoundAsksForType(compound)) return true;
  }
  return false;
}

function compoundAsksForType(compound: Compound): boolean {
  for (let i = 0; i < compound.length; i += 1) {
    const condition = compound[i];
    if (condition?.kind === 'nth' && condition.isOfType) return true;
    if (condition?.kind !== 'not') continue;
    for (let at = 0; at < condition.compounds.length; at += 1) {
      const inner = condition.compounds[at];
      if (inner !== undefined && compoundAsksForType(inner)) return true;
    }
  }
  return false;
}
