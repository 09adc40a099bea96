import { DOMException } from '../dom-exception/dom-exception.ts';
import { FunctionPrototypeToString, StringPrototypeSlice, String } from '../primordials.ts';

/** The error for what cannot be cloned; describes it without running its code. */
export function dataCloneError(value: unknown): DOMException {
  return new DOMException(`${describe(value)} could not be cloned.`, 'DataCloneError');
}

function describe(value: unknown): string {
  if (typeof value === 'function') {
    return StringPrototypeSlice(FunctionPrototypeToString(value), 0, 100);
  }
  return typeof value === 'symbol' ? String(value) : '#<Object>';
}
