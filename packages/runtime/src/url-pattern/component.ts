import { newList, RegExp, RegExpPrototypeExec, TypeError, type List } from '../primordials.ts';
import type { Encode, Part, PatternOptions } from './part.ts';
import { parsePattern } from './pattern-parser.ts';
import { regexpOf } from './pattern-regexp.ts';
import { patternStringOf } from './pattern-string.ts';

/** What the groups of a pattern matched, in the order of {@link Component.names}. */
export type GroupValues = List<string | undefined>;

/** https://urlpattern.spec.whatwg.org/#component */
export class Component {
  readonly pattern: string;
  readonly names = newList<string>();
  readonly hasRegexpGroups: boolean;
  readonly #match: (input: string) => GroupValues | undefined;

  /** @throws TypeError when the input is not a pattern */
  constructor(input: string, encode: Encode, options: PatternOptions) {
    const parts = parsePattern(input, options, encode);
    this.pattern = patternStringOf(parts, options);
    let hasRegexpGroups = false;
    for (let i = 0; i < parts.length; i += 1) {
      const part = parts[i];
      if (part === undefined) continue;
      if (part.type !== 'fixed-text') this.names[this.names.length] = part.name;
      if (part.type === 'regexp') hasRegexpGroups = true;
    }
    this.hasRegexpGroups = hasRegexpGroups;
    this.#match = matcherOf(parts, options);
  }

  /** Undefined when the input does not match. */
  match(input: string): GroupValues | undefined {
    const match = this.#match;
    return match(input);
  }

  /** https://urlpattern.spec.whatwg.org/#protocol-component-matches-a-special-scheme */
  matchesSpecialScheme(): boolean {
    return (
      this.#matches('https') ||
      this.#matches('http') ||
      this.#matches('ws') ||
      this.#matches('wss') ||
      this.#matches('ftp') ||
      this.#matches('file')
    );
  }

  #matches(input: string): boolean {
    return this.match(input) !== undefined;
  }
}

const noGroups = newList<string | undefined>();

/**
 * Most components of most patterns are `*`, empty or a fixed text. For these no regular expression is
 * made: it would cost more than everything else.
 */
function matcherOf(
  parts: List<Part>,
  options: PatternOptions,
): (input: string) => GroupValues | undefined {
  const first = parts[0];
  if (first === undefined) return (input) => (input === '' ? noGroups : undefined);
  if (parts.length === 1 && first.modifier === '') {
    if (first.type === 'fixed-text' && !options.ignoresCase) {
      const { value } = first;
      return (input) => (input === value ? noGroups : undefined);
    }
    // A parsed URL has no line terminators, which `.*` would not match.
    if (first.type === 'full-wildcard' && first.prefix === '' && first.suffix === '') {
      return singleGroup;
    }
  }
  const count = groupCountOf(parts);
  const regexp = compile(regexpOf(parts, options), options);
  return (input) => {
    const match = RegExpPrototypeExec(regexp, input);
    if (match === null) return undefined;
    const groups = newList<string | undefined>();
    for (let i = 0; i < count; i += 1) groups[i] = match[i + 1];
    return groups;
  };
}

function groupCountOf(parts: List<Part>): number {
  let count = 0;
  for (let i = 0; i < parts.length; i += 1) if (parts[i]?.type !== 'fixed-text') count += 1;
  return count;
}

function singleGroup(input: string): GroupValues {
  const groups = newList<string | undefined>();
  groups[0] = input;
  return groups;
}

function compile(source: string, { ignoresCase }: PatternOptions): RegExp {
  try {
    return new RegExp(source, ignoresCase ? 'vi' : 'v');
  } catch {
    // What it says names a source that the worker has not written.
    throw new TypeError(`The pattern is no valid regular expression: ${source}`);
  }
}
