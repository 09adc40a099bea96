import {
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { isNth } from './nth.ts';
import type { Compound, Condition } from './selector.ts';

/** A start tag as selectors see it. */
export interface Candidate {
  readonly name: string;
  /** From 1, among all siblings. */
  readonly index: number;
  /** From 1, among siblings of its name. */
  readonly indexOfType: number;
  attribute(name: string): string | undefined;
}

export function matchesCompound(compound: Compound, candidate: Candidate): boolean {
  for (let i = 0; i < compound.length; i += 1) {
    const condition = compound[i];
    if (condition !== undefined && !matchesCondition(condition, candidate)) return false;
  }
  return true;
}

function matchesCondition(condition: Condition, candidate: Candidate): boolean {
  switch (condition.kind) {
    case 'tag':
      return condition.name === candidate.name;
    case 'nth': {
      const index = condition.isOfType ? candidate.indexOfType : candidate.index;
      return isNth(index, condition.step, condition.offset);
    }
    case 'attribute':
      return matchesAttribute(condition, candidate.attribute(condition.name));
    case 'not':
      for (let i = 0; i < condition.compounds.length; i += 1) {
        const compound = condition.compounds[i];
        if (compound !== undefined && matchesCompound(compound, candidate)) return false;
      }
      return true;
  }
}

type AttributeCondition = Condition & { kind: 'attribute' };

function matchesAttribute(condition: AttributeCondition, given: string | undefined): boolean {
  if (given === undefined) return false;
  const { operator, ignoresCase } = condition;
  const actual = ignoresCase ? StringPrototypeToLowerCase(given) : given;
  const value = ignoresCase ? StringPrototypeToLowerCase(condition.value) : condition.value;
  switch (operator) {
    case 'exists':
      return true;
    case '=':
      return actual === value;
    case '~=':
      return value !== '' && hasWord(actual, value);
    case '|=':
      return actual === value || StringPrototypeStartsWith(actual, `${value}-`);
    case '^=':
      return value !== '' && StringPrototypeStartsWith(actual, value);
    case '$=':
      return (
        value !== '' &&
        actual.length >= value.length &&
        StringPrototypeSlice(actual, actual.length - value.length) === value
      );
    case '*=':
      return value !== '' && StringPrototypeIndexOf(actual, value) >= 0;
  }
}

function hasWord(text: string, word: string): boolean {
  let at = StringPrototypeIndexOf(text, word);
  while (at >= 0) {
    const before = at === 0 ? ' ' : StringPrototypeSlice(text, at - 1, at);
    const end = at + word.length;
    const after = end === text.length ? ' ' : StringPrototypeSlice(text, end, end + 1);
    if (isSpace(before) && isSpace(after)) return true;
    at = StringPrototypeIndexOf(text, word, at + 1);
  }
  return false;
}

function isSpace(character: string): boolean {
  return (
    character === ' ' ||
    character === '\n' ||
    character === '\t' ||
    character === '\r' ||
    character === '\f'
  );
}
