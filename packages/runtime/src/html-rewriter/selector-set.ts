import { newList } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';
import { matchesCompound } from './match-compound.ts';
import type { Candidate } from './match-compound.ts';
import type { ComplexSelector, SelectorStep } from './selector.ts';

/** One step that an element further down may match. */
interface Pending {
  readonly id: number;
  readonly step: SelectorStep;
  readonly next: Pending | undefined;
  /** Of the handlers that the selector is for. */
  readonly rule: number;
}

type PendingList = List<Pending>;

/** What is to be matched among the content of an open element. */
export interface Scope {
  /** By the element's children only. */
  readonly children: PendingList;
  /** By all its descendants. */
  readonly descendants: PendingList;
}

/**
 * Matches start tags against many selectors while a document is read: each element hands down the
 * steps that its content may continue, so that no element has to be looked at again.
 */
export class SelectorSet {
  #lastId = 0;
  readonly #root: { readonly children: PendingList; readonly descendants: PendingList } = {
    children: newList(),
    descendants: newList(),
  };

  add(selector: ComplexSelector, rule: number): void {
    let next: Pending | undefined;
    for (let i = selector.length - 1; i >= 0; i -= 1) {
      const step = selector[i];
      if (step === undefined) continue;
      this.#lastId += 1;
      next = { id: this.#lastId, step, next, rule };
    }
    if (next !== undefined) this.#root.descendants[this.#root.descendants.length] = next;
  }

  get root(): Scope {
    return this.#root;
  }

  /** Adds the rules that match to the list, and answers what holds for the element's content. */
  match(scope: Scope, candidate: Candidate, rules: List<number>): Scope {
    const found = new ScopeBuilder(scope.descendants, rules);
    found.addMatches(scope.descendants, candidate);
    found.addMatches(scope.children, candidate);
    return found;
  }
}

const nothing: PendingList = newList();

class ScopeBuilder implements Scope {
  children: PendingList = nothing;
  descendants: PendingList;
  readonly #inherited: PendingList;
  readonly #rules: List<number>;
  #known: SafeMap<number, true> | undefined;

  constructor(inherited: PendingList, rules: List<number>) {
    this.descendants = inherited;
    this.#inherited = inherited;
    this.#rules = rules;
  }

  addMatches(pending: PendingList, candidate: Candidate): void {
    const { length } = pending;
    for (let i = 0; i < length; i += 1) {
      const each = pending[i];
      if (each === undefined || !matchesCompound(each.step.compound, candidate)) continue;
      if (each.next === undefined) addRule(this.#rules, each.rule);
      else if (each.step.combinator === 'child') this.#addChild(each.next);
      else this.#addDescendant(each.next);
    }
  }

  #addChild(next: Pending): void {
    if (this.children === nothing) this.children = newList();
    this.children[this.children.length] = next;
  }

  /** Once is enough however many ancestors match, and most elements add nothing. */
  #addDescendant(next: Pending): void {
    if (this.#known === undefined) {
      this.#known = new SafeMap();
      for (let i = 0; i < this.#inherited.length; i += 1) this.#know(this.#inherited[i]);
    }
    if (this.#known.has(next.id)) return;
    if (this.descendants === this.#inherited) {
      this.descendants = newList();
      for (let i = 0; i < this.#inherited.length; i += 1) {
        const each = this.#inherited[i];
        if (each !== undefined) this.descendants[i] = each;
      }
    }
    this.descendants[this.descendants.length] = next;
    this.#know(next);
  }

  #know(pending: Pending | undefined): void {
    if (pending !== undefined) this.#known?.set(pending.id, true);
  }
}

/** In ascending order, each once: handlers run in the order of their registration. */
function addRule(rules: List<number>, rule: number): void {
  let at = rules.length;
  while (at > 0 && (rules[at - 1] ?? 0) > rule) at -= 1;
  if (at > 0 && rules[at - 1] === rule) return;
  for (let i = rules.length; i > at; i -= 1) rules[i] = rules[i - 1] ?? 0;
  rules[at] = rule;
}
