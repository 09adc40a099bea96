import {
  StringPrototypeCharAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';

/** The headers of a part that mean something for form data. */
export interface PartHeaders {
  readonly name: string;
  /** Undefined for a text field. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

/** Reads header lines, separated by CR LF; throws a TypeError when they name no field. */
export function parsePartHeaders(text: string): PartHeaders {
  let disposition: Disposition | undefined;
  let contentType: string | undefined;
  let start = 0;
  while (start < text.length) {
    const lineEnd = StringPrototypeIndexOf(text, '\r\n', start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const colon = StringPrototypeIndexOf(text, ':', start);
    if (colon === -1 || colon > end) throw malformed();
    const header = StringPrototypeToLowerCase(StringPrototypeSlice(text, start, colon));
    const value = trim(StringPrototypeSlice(text, colon + 1, end));
    if (header === 'content-disposition') disposition = parseDisposition(value);
    else if (header === 'content-type') contentType = value;
    start = end + 2;
  }
  if (disposition?.name === undefined) throw malformed();
  const { name, filename } = disposition;
  return { name, filename, contentType };
}

interface Disposition {
  name: string | undefined;
  filename: string | undefined;
}

function parseDisposition(value: string): Disposition {
  const typeEnd = indexOfOrEnd(value, ';', 0);
  const type = trim(StringPrototypeSlice(value, 0, typeEnd));
  if (StringPrototypeToLowerCase(type) !== 'form-data') throw malformed();
  const disposition: Disposition = { name: undefined, filename: undefined };
  let position = typeEnd;
  while (position < value.length) {
    const semicolon = indexOfOrEnd(value, ';', position + 1);
    const equals = indexOfOrEnd(value, '=', position + 1);
    if (equals >= semicolon) {
      position = semicolon;
      continue;
    }
    const key = StringPrototypeToLowerCase(trim(StringPrototypeSlice(value, position + 1, equals)));
    const isQuoted = StringPrototypeCharAt(value, equals + 1) === '"';
    const end = isQuoted ? StringPrototypeIndexOf(value, '"', equals + 2) : semicolon;
    if (end === -1) throw malformed();
    const raw = StringPrototypeSlice(value, isQuoted ? equals + 2 : equals + 1, end);
    if (key === 'name') disposition.name = unescape(raw);
    else if (key === 'filename') disposition.filename = unescape(raw);
    position = isQuoted ? indexOfOrEnd(value, ';', end) : end;
  }
  return disposition;
}

function indexOfOrEnd(text: string, search: string, start: number): number {
  const index = StringPrototypeIndexOf(text, search, start);
  return index === -1 ? text.length : index;
}

/** Line breaks and quotes are the only characters that are percent-encoded. */
function unescape(text: string): string {
  let unescaped = '';
  let copied = 0;
  for (
    let i = StringPrototypeIndexOf(text, '%');
    i !== -1;
    i = StringPrototypeIndexOf(text, '%', i + 1)
  ) {
    const code = StringPrototypeSlice(text, i + 1, i + 3);
    const character = code === '0A' ? '\n' : code === '0D' ? '\r' : code === '22' ? '"' : '';
    if (character === '') continue;
    unescaped += StringPrototypeSlice(text, copied, i) + character;
    copied = i + 3;
  }
  return unescaped + StringPrototypeSlice(text, copied);
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(StringPrototypeCharAt(text, start))) start += 1;
  while (end > start && isSpace(StringPrototypeCharAt(text, end - 1))) end -= 1;
  return StringPrototypeSlice(text, start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

export function malformed(): TypeError {
  return new TypeError('The body is not valid multipart/form-data');
}
