import type { List } from '../primordials.ts';
import { escapeRegexp, segmentWildcard } from './escape.ts';
import { fullWildcard, type Part, type PatternOptions } from './part.ts';

/** https://urlpattern.spec.whatwg.org/#generate-a-regular-expression-and-name-list */
export function regexpOf(parts: List<Part>, options: PatternOptions): string {
  let source = '^';
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (part !== undefined) source += sourceOf(part, options);
  }
  return `${source}$`;
}

function sourceOf(part: Part, options: PatternOptions): string {
  const { modifier } = part;
  if (part.type === 'fixed-text') {
    const text = escapeRegexp(part.value);
    return modifier === '' ? text : `(?:${text})${modifier}`;
  }
  const value = matcherOf(part, options);
  const isRepeating = modifier === '*' || modifier === '+';
  if (part.prefix === '' && part.suffix === '') {
    return isRepeating ? `((?:${value})${modifier})` : `(${value})${modifier}`;
  }
  const prefix = escapeRegexp(part.prefix);
  const suffix = escapeRegexp(part.suffix);
  if (!isRepeating) return `(?:${prefix}(${value})${suffix})${modifier}`;
  // The group holds all repetitions with what stands between them, but neither the first prefix nor
  // the last suffix.
  const repeated = `(?:${value})(?:${suffix}${prefix}(?:${value}))*`;
  return `(?:${prefix}(${repeated})${suffix})${modifier === '*' ? '?' : ''}`;
}

function matcherOf(part: Part, options: PatternOptions): string {
  if (part.type === 'segment-wildcard') return segmentWildcard(options);
  return part.type === 'full-wildcard' ? fullWildcard : part.value;
}
