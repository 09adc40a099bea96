import type { List } from '../primordials.ts';

export type AttributeOperator = 'exists' | '=' | '~=' | '|=' | '^=' | '$=' | '*=';

/** One condition of an element itself. */
export type Condition =
  | { readonly kind: 'tag'; readonly name: string }
  | {
      readonly kind: 'attribute';
      readonly name: string;
      readonly operator: AttributeOperator;
      readonly value: string;
      readonly ignoresCase: boolean;
    }
  /** The index, from 1, is `step * n + offset` for an n from 0; among siblings, or those of its name. */
  | {
      readonly kind: 'nth';
      readonly step: number;
      readonly offset: number;
      readonly isOfType: boolean;
    }
  /** None of the compounds. */
  | { readonly kind: 'not'; readonly compounds: List<Compound> };

/** All conditions hold; none at all is `*`. */
export type Compound = List<Condition>;

/** One compound, and what has to be below an element that it matches. */
export interface SelectorStep {
  readonly compound: Compound;
  /** How the next step's element lies below; undefined for the last. */
  readonly combinator: 'child' | 'descendant' | undefined;
}

/** The steps from the outermost element on. */
export type ComplexSelector = List<SelectorStep>;
