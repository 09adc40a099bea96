import { newList } from '../primordials.ts';
import type { List } from '../primordials.ts';
import { doubleQuote, equals, greaterThan, isSpace, singleQuote, slash } from './bytes.ts';

/** Where an attribute is, as offsets into the bytes of its tag. */
interface AttributeSpan {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** After the closing quote. */
  readonly end: number;
}

export interface TagSpan {
  readonly nameEnd: number;
  /** After the `>`. */
  readonly end: number;
  readonly isSelfClosing: boolean;
  readonly attributes: List<AttributeSpan>;
}

/**
 * Scans a tag from its name on (https://html.spec.whatwg.org/#tag-name-state and what follows).
 * Undefined when the bytes end before it does.
 */
export function scanTag(bytes: Uint8Array, length: number, nameStart: number): TagSpan | undefined {
  let at = nameStart;
  while (at < length && !isNameEnd(bytes[at])) at += 1;
  const nameEnd = at;
  const attributes = newList<AttributeSpan>();
  let isSelfClosing = false;
  for (;;) {
    while (at < length && (isSpace(bytes[at]) || bytes[at] === slash)) {
      isSelfClosing = bytes[at] === slash;
      at += 1;
    }
    if (at >= length) return undefined;
    if (bytes[at] === greaterThan) {
      return {
        nameEnd,
        end: at + 1,
        isSelfClosing: isSelfClosing && bytes[at - 1] === slash,
        attributes,
      };
    }
    const attribute = scanAttribute(bytes, length, at);
    if (attribute === undefined) return undefined;
    attributes[attributes.length] = attribute;
    at = attribute.end;
    isSelfClosing = false;
  }
}

function scanAttribute(
  bytes: Uint8Array,
  length: number,
  nameStart: number,
): AttributeSpan | undefined {
  // An equals sign at the beginning is part of the name.
  let at = nameStart + 1;
  while (at < length && !isNameEnd(bytes[at]) && bytes[at] !== equals) at += 1;
  const nameEnd = at;
  while (at < length && isSpace(bytes[at])) at += 1;
  if (at >= length) return undefined;
  if (bytes[at] !== equals) {
    return { nameStart, nameEnd, valueStart: nameEnd, valueEnd: nameEnd, end: nameEnd };
  }
  at += 1;
  while (at < length && isSpace(bytes[at])) at += 1;
  const quote = bytes[at];
  if (quote === doubleQuote || quote === singleQuote) {
    const valueStart = at + 1;
    at = valueStart;
    while (at < length && bytes[at] !== quote) at += 1;
    if (at >= length) return undefined;
    return { nameStart, nameEnd, valueStart, valueEnd: at, end: at + 1 };
  }
  const valueStart = at;
  while (at < length && !isSpace(bytes[at]) && bytes[at] !== greaterThan) at += 1;
  if (at >= length) return undefined;
  return { nameStart, nameEnd, valueStart, valueEnd: at, end: at };
}

function isNameEnd(byte: number | undefined): boolean {
  return isSpace(byte) || byte === slash || byte === greaterThan;
}
