import { TypedArrayPrototypeIndexOf } from '../primordials.ts';
import { bang, dash, greaterThan, hasAsciiAt, isSpace, lessThan, slash } from './bytes.ts';

/** How far a raw text goes: everything before `end` is text. */
interface RawTextSpan {
  readonly end: number;
  /** Whether the end tag begins there; else more bytes must come to tell, or all are over. */
  readonly isAtEndTag: boolean;
}

/** Longest thing that must be seen whole: `</noframes` and the byte after it. */
const lookahead = 12;

/** Text that only its own end tag ends, as in `title` and `style`. */
export function scanRawText(
  bytes: Uint8Array,
  { start, length, isLast, name }: { start: number; length: number; isLast: boolean; name: string },
): RawTextSpan {
  let at = TypedArrayPrototypeIndexOf(bytes, lessThan, start);
  while (at >= 0 && at < length) {
    if (!isLast && length - at < lookahead) return { end: at, isAtEndTag: false };
    if (isTag(bytes, at, `</${name}`)) return { end: at, isAtEndTag: true };
    at = TypedArrayPrototypeIndexOf(bytes, lessThan, at + 1);
  }
  return { end: length, isAtEndTag: false };
}

/**
 * Text of a script, which may hold its own end tag within `<!-- <script>`
 * (https://html.spec.whatwg.org/#script-data-state and what follows).
 */
export class ScriptScanner {
  #state: 'plain' | 'escaped' | 'doubly escaped' = 'plain';

  scan(
    bytes: Uint8Array,
    { start, length, isLast }: { start: number; length: number; isLast: boolean },
  ): RawTextSpan {
    let at = start;
    for (; at < length; at += 1) {
      const byte = bytes[at];
      if (byte !== lessThan && (byte !== dash || this.#state === 'plain')) continue;
      if (!isLast && length - at < lookahead) return { end: at, isAtEndTag: false };
      if (byte === dash) {
        if (bytes[at + 1] === dash && bytes[at + 2] === greaterThan) this.#state = 'plain';
      } else if (isTag(bytes, at, '</script')) {
        if (this.#state !== 'doubly escaped') {
          this.#state = 'plain';
          return { end: at, isAtEndTag: true };
        }
        this.#state = 'escaped';
      } else if (this.#state === 'escaped' && isTag(bytes, at, '<script')) {
        this.#state = 'doubly escaped';
      } else if (this.#state === 'plain' && isCommentStart(bytes, at)) {
        // The dashes may end it again: `<!-->`.
        this.#state = 'escaped';
        at += 1;
      }
    }
    return { end: length, isAtEndTag: false };
  }
}

function isCommentStart(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === bang && bytes[at + 2] === dash && bytes[at + 3] === dash;
}

/** Whether the name ends there, too. */
function isTag(bytes: Uint8Array, at: number, text: string): boolean {
  if (!hasAsciiAt(bytes, at, text)) return false;
  const after = bytes[at + text.length];
  return isSpace(after) || after === slash || after === greaterThan;
}
