import {
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';

/** A `content-type` header, as far as form data needs it. */
export interface FormContentType {
  /** In lower case, without parameters. */
  readonly essence: string;
  /** Of `multipart/form-data`. */
  readonly boundary: string | undefined;
}

/** Reads a MIME type by the rules of https://mimesniff.spec.whatwg.org/#parsing-a-mime-type */
export function parseFormContentType(text: string): FormContentType {
  const essence = StringPrototypeToLowerCase(trim(text, 0, indexOfOrEnd(text, ';', 0)));
  return { essence, boundary: parameterOf(text, 'boundary') };
}

/** The first parameter of the name (in lower case) in a MIME type. */
export function parameterOf(text: string, name: string): string | undefined {
  let position = indexOfOrEnd(text, ';', 0);
  while (position < text.length) {
    const parameter = readParameter(text, position + 1);
    if (parameter.name === name) return parameter.value;
    position = parameter.end;
  }
  return undefined;
}

interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Where the next semicolon is, or the end. */
  readonly end: number;
}

function readParameter(text: string, start: number): Parameter {
  const semicolon = indexOfOrEnd(text, ';', start);
  const equals = StringPrototypeIndexOf(text, '=', start);
  if (equals === -1 || equals > semicolon) return { name: '', value: '', end: semicolon };
  const name = StringPrototypeToLowerCase(trimStart(text, start, equals));
  if (StringPrototypeCharAt(text, equals + 1) === '"')
    return { name, ...readQuoted(text, equals + 2) };
  return { name, value: trim(text, equals + 1, semicolon), end: semicolon };
}

/** A quoted string after its first quote; what follows it up to a semicolon is ignored. */
function readQuoted(text: string, start: number): { value: string; end: number } {
  let value = '';
  let i = start;
  for (; i < text.length && StringPrototypeCharAt(text, i) !== '"'; i += 1) {
    if (StringPrototypeCharAt(text, i) === '\\' && i + 1 < text.length) i += 1;
    value += StringPrototypeCharAt(text, i);
  }
  return { value, end: indexOfOrEnd(text, ';', i) };
}

function indexOfOrEnd(text: string, search: string, start: number): number {
  const index = StringPrototypeIndexOf(text, search, start);
  return index === -1 ? text.length : index;
}

function isHttpSpace(codeUnit: number): boolean {
  return codeUnit === 0x20 || codeUnit === 0x09 || codeUnit === 0x0a || codeUnit === 0x0d;
}

function trimStart(text: string, start: number, end: number): string {
  let first = start;
  while (first < end && isHttpSpace(StringPrototypeCharCodeAt(text, first))) first += 1;
  return StringPrototypeSlice(text, first, end);
}

function trim(text: string, start: number, end: number): string {
  let last = end;
  while (last > start && isHttpSpace(StringPrototypeCharCodeAt(text, last - 1))) last -= 1;
  return trimStart(text, start, last);
}
