import { createStreamDecoder } from '../encoding/create-stream-decoder.ts';
import { encodingOf } from '../encoding/encoding-labels.ts';
import type { StreamDecoder } from '../encoding/stream-decoder.ts';
import { decodeUtf8 } from '../encoding/utf8-decode.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import type { Bytes } from '../fetch/body.ts';
import {
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeStartsWith,
  TypeError,
} from '../primordials.ts';
import { viewOf } from './bytes.ts';

/** The encoding of a document, in which its markup is ASCII. */
export class DocumentEncoding {
  readonly #name: string;

  /** Throws a TypeError when the content type names an encoding that cannot be rewritten. */
  constructor(contentType: string | undefined) {
    const pattern = /;[ \t]*charset[ \t]*=[ \t]*"?([^\s;"]+)/i;
    const label = RegExpPrototypeExec(pattern, contentType ?? '')?.[1] ?? 'utf-8';
    const name = encodingOf(label);
    if (name === undefined || name === 'replacement' || name === 'iso-2022-jp') {
      throw new TypeError(`HTMLRewriter: the encoding ${label} is not supported`);
    }
    if (StringPrototypeStartsWith(name, 'utf-16')) {
      throw new TypeError(`HTMLRewriter: the encoding ${label} does not contain ASCII`);
    }
    this.#name = name;
  }

  get isUtf8(): boolean {
    return this.#name === 'utf-8';
  }

  decode(bytes: Bytes, start: number, end: number): string {
    if (this.isUtf8) return decodeUtf8(bytes, start, end);
    return this.createDecoder().decode(viewOf(bytes, start, end), end - start, true) ?? '';
  }

  createDecoder(): StreamDecoder {
    return createStreamDecoder(this.#name, false);
  }

  /** Where a byte may mean something else, what is beyond ASCII becomes a character reference. */
  encode(text: string): Bytes {
    return encodeUtf8(this.isUtf8 ? text : withReferences(text));
  }
}

function withReferences(text: string): string {
  if (RegExpPrototypeExec(/[^\0-\x7f]/, text) === null) return text;
  let result = '';
  for (let i = 0; i < text.length; i += 1) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit < 0x80) result += StringPrototypeCharAt(text, i);
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      i += 1;
      const low = StringPrototypeCharCodeAt(text, i);
      result += `&#${(unit - 0xd800) * 0x400 + low - 0xdc00 + 0x10000};`;
    } else result += `&#${unit};`;
  }
  return result;
}
