import { StringPrototypeCharAt, StringPrototypeCharCodeAt, type List } from '../primordials.ts';
import { escapePattern, segmentWildcard } from './escape.ts';
import { fullWildcard, type Part, type PatternOptions } from './part.ts';
import { codePointAt, isNameCharacter } from './tokenizer.ts';

/**
 * The pattern in its normal form.
 * https://urlpattern.spec.whatwg.org/#generate-a-pattern-string
 */
export function patternStringOf(parts: List<Part>, options: PatternOptions): string {
  let pattern = '';
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (part === undefined) continue;
    if (part.type === 'fixed-text') {
      const text = escapePattern(part.value);
      pattern += part.modifier === '' ? text : `{${text}}${part.modifier}`;
    } else {
      const previous = i === 0 ? undefined : parts[i - 1];
      const next = i + 1 < parts.length ? parts[i + 1] : undefined;
      pattern += groupStringOf({ part, previous, next, options });
    }
  }
  return pattern;
}

interface GroupContext {
  readonly part: Part;
  readonly previous: Part | undefined;
  readonly next: Part | undefined;
  readonly options: PatternOptions;
}

function groupStringOf(context: GroupContext): string {
  const { part } = context;
  const hasName = !startsWithDigit(part.name);
  const needsBraces = needsGrouping(context, hasName);
  let text = escapePattern(part.prefix);
  if (hasName) text += `:${part.name}`;
  text += matcherStringOf(context, hasName, needsBraces);
  if (part.type === 'segment-wildcard' && hasName && continuesName(part.suffix)) text += '\\';
  text += escapePattern(part.suffix);
  return (needsBraces ? `{${text}}` : text) + part.modifier;
}

function matcherStringOf(context: GroupContext, hasName: boolean, needsBraces: boolean): string {
  const { part, previous, options } = context;
  if (part.type === 'regexp') return `(${part.value})`;
  if (part.type === 'segment-wildcard') return hasName ? '' : `(${segmentWildcard(options)})`;
  // A plain asterisk after a group would be its modifier.
  const isPlain =
    !hasName &&
    (previous === undefined ||
      previous.type === 'fixed-text' ||
      previous.modifier !== '' ||
      needsBraces ||
      part.prefix !== '');
  return isPlain ? '*' : `(${fullWildcard})`;
}

function needsGrouping(context: GroupContext, hasName: boolean): boolean {
  const { part, previous, next, options } = context;
  if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
  const isFollowed = next !== undefined && next.prefix === '' && next.suffix === '';
  if (hasName && part.type === 'segment-wildcard' && part.modifier === '' && isFollowed) {
    if (next.type === 'fixed-text' ? continuesName(next.value) : startsWithDigit(next.name)) {
      return true;
    }
  }
  return (
    part.prefix === '' &&
    previous?.type === 'fixed-text' &&
    options.prefix !== '' &&
    StringPrototypeCharAt(previous.value, previous.value.length - 1) === options.prefix
  );
}

function continuesName(text: string): boolean {
  return text !== '' && isNameCharacter(codePointAt(text, 0), false);
}

function startsWithDigit(text: string): boolean {
  const unit = StringPrototypeCharCodeAt(text, 0);
  return unit >= 0x30 && unit <= 0x39;
}
