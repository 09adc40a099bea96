import {
  RegExpPrototypeExec,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { DoctypeState } from './tokens.ts';

const pattern =
  /^<!doctype\s*([^\s>]+)?(?:\s+public\s*("[^">]*"|'[^'>]*')\s*("[^">]*"|'[^'>]*')?|\s+system\s*("[^">]*"|'[^'>]*'))?/i;

/** https://html.spec.whatwg.org/#doctype-state and what follows, of one that is complete. */
export function parseDoctype(text: string): DoctypeState {
  const match = RegExpPrototypeExec(pattern, text);
  const name = match?.[1];
  return new DoctypeState({
    name: name === undefined ? null : StringPrototypeToLowerCase(name),
    publicId: unquoted(match?.[2]),
    systemId: unquoted(match?.[3] ?? match?.[4]),
  });
}

function unquoted(text: string | undefined): string | null {
  return text === undefined ? null : StringPrototypeSlice(text, 1, text.length - 1);
}
