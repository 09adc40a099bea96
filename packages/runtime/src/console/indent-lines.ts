import { ArrayPrototypeJoin, StringPrototypeSplit } from '../primordials.ts';

/** The text with the indent before each of its lines. */
export function indentLines(text: string, indent: string): string {
  if (indent === '') return text;
  return indent + ArrayPrototypeJoin(StringPrototypeSplit(text, '\n'), `\n${indent}`);
}
