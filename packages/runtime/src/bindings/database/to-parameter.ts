import {
  ArrayIsArray,
  BigIntPrototypeToString,
  DatePrototypeGetTime,
  DatePrototypeToISOString,
  JSONStringify,
  NumberPrototypeToString,
  StringPrototypeCharAt,
  TypeError,
  Uint8ArrayPrototypeToHex,
} from '../../primordials.ts';
import { copyBytes, isBufferSource } from '../../webidl/buffer-source.ts';

const maxDepth = 6;

/**
 * A parameter as PostgreSQL reads it: it has the type of its place in the statement. Bytes, dates and arrays
 * are written as PostgreSQL does, other objects as JSON.
 *
 * @throws TypeError for what has no such form
 */
export function toParameter(value: unknown): string | null {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return NumberPrototypeToString(value);
    case 'bigint':
      return BigIntPrototypeToString(value);
    case 'object':
      return ArrayIsArray(value) ? toArray(value, 1) : toText(value);
    default:
      throw new TypeError(`A value of type ${typeof value} cannot be a parameter`);
  }
}

function toText(value: object): string {
  if (isBufferSource(value)) return `\\x${Uint8ArrayPrototypeToHex(copyBytes(value))}`;
  const date = toDate(value);
  if (date !== undefined) return date;
  const json: unknown = JSONStringify(value);
  if (typeof json !== 'string') throw new TypeError('The parameter cannot be written as JSON');
  return json;
}

function toDate(value: object): string | undefined {
  try {
    DatePrototypeGetTime(value);
  } catch {
    return undefined; // no Date
  }
  return DatePrototypeToISOString(value);
}

function toArray(values: unknown[], depth: number): string {
  if (depth > maxDepth) throw new TypeError(`An array has at most ${maxDepth} dimensions`);
  let text = '{';
  for (let i = 0; i < values.length; i += 1) {
    const item = values[i];
    if (i > 0) text += ',';
    if (ArrayIsArray(item)) text += toArray(item, depth + 1);
    else if (item === null || item === undefined) text += 'NULL';
    else text += quote(toParameter(item) ?? '');
  }
  return `${text}}`;
}

function quote(text: string): string {
  let quoted = '"';
  for (let i = 0; i < text.length; i += 1) {
    const char = StringPrototypeCharAt(text, i);
    quoted += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `${quoted}"`;
}
