import {
  BigInt,
  JSONParse,
  listToArray,
  newList,
  Number,
  RegExp,
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  Uint8ArrayFromHex,
} from '../../primordials.ts';
import type { SqlColumn } from './run-sql.ts';

/** A value in the text format of PostgreSQL as JavaScript has it. */
export function fromText(text: string | null, { kind, isArray }: SqlColumn): unknown {
  if (text === null) return null;
  return isArray ? new ArrayReader(text, kind).read() : fromElement(text, kind);
}

function fromElement(text: string, kind: string): unknown {
  switch (kind) {
    case 'number':
      return Number(text);
    case 'bigint':
      return toInteger(text);
    case 'boolean':
      return text === 't';
    case 'json':
      return JSONParse(text) as unknown;
    case 'bytes':
      // A function of a tenant may have changed the session's form of bytes.
      return StringPrototypeSlice(text, 0, 2) === '\\x'
        ? Uint8ArrayFromHex(StringPrototypeSlice(text, 2))
        : text;
    case 'timestamp':
    case 'timestamptz':
      return toIsoTime(text);
    default:
      return text;
  }
}

/** A number where that is exact, so that counts can be used as they are; else a BigInt. */
function toInteger(text: string): number | bigint {
  const value = Number(text);
  return value >= -9007199254740991 && value <= 9007199254740991 ? value : BigInt(text);
}

const time = new RegExp(
  '^(\\d{4,6}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?)([+-][\\d:]+)?$',
);

/** `2024-01-02 03:04:05+00` as `2024-01-02T03:04:05Z`; `infinity` and years before Christ stay. */
function toIsoTime(text: string): string {
  const found = RegExpPrototypeExec(time, text);
  if (found === null) return text;
  const zone = found[3] ?? '';
  const offset = zone === '+00' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone;
  return `${found[1]}T${found[2]}${offset}`;
}

/** See "Array Input and Output Syntax" in PostgreSQL's documentation. */
class ArrayReader {
  readonly #text: string;
  readonly #kind: string;
  #at: number;

  constructor(text: string, kind: string) {
    this.#text = text;
    this.#kind = kind;
    // Bounds that do not begin at 1 stand before.
    this.#at = StringPrototypeIndexOf(text, '{');
  }

  read(): unknown[] {
    const items = newList<unknown>();
    this.#at += 1;
    while (this.#at < this.#text.length && this.#char !== '}') {
      if (this.#char === ',') this.#at += 1;
      items[items.length] = this.#readItem();
    }
    this.#at += 1;
    return listToArray(items);
  }

  get #char(): string {
    return StringPrototypeCharAt(this.#text, this.#at);
  }

  #readItem(): unknown {
    if (this.#char === '{') return this.read();
    if (this.#char === '"') return fromElement(this.#readQuoted(), this.#kind);
    const start = this.#at;
    while (this.#at < this.#text.length && this.#char !== ',' && this.#char !== '}') this.#at += 1;
    const text = StringPrototypeSlice(this.#text, start, this.#at);
    return text === 'NULL' ? null : fromElement(text, this.#kind);
  }

  #readQuoted(): string {
    let text = '';
    this.#at += 1;
    while (this.#at < this.#text.length && this.#char !== '"') {
      if (this.#char === '\\') this.#at += 1;
      text += this.#char;
      this.#at += 1;
    }
    this.#at += 1;
    return text;
  }
}
