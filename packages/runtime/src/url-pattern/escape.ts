import { StringPrototypeCharAt, StringPrototypeIndexOf } from '../primordials.ts';
import type { PatternOptions } from './part.ts';

/** https://urlpattern.spec.whatwg.org/#escape-a-regexp-string */
export function escapeRegexp(text: string): string {
  return escapeAny(text, '.+*?^${}()[]|/\\');
}

/** https://urlpattern.spec.whatwg.org/#escape-a-pattern-string */
export function escapePattern(text: string): string {
  return escapeAny(text, '+*?:{}()\\');
}

/** https://urlpattern.spec.whatwg.org/#generate-a-segment-wildcard-regexp */
export function segmentWildcard({ delimiter }: PatternOptions): string {
  return `[^${escapeRegexp(delimiter)}]+?`;
}

function escapeAny(text: string, special: string): string {
  let escaped = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = StringPrototypeCharAt(text, i);
    escaped += StringPrototypeIndexOf(special, character) < 0 ? character : `\\${character}`;
  }
  return escaped;
}
