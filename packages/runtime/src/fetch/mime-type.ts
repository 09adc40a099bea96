import {
  RegExpPrototypeExec,
  StringPrototypeCharAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { SafeMap } from '../safe-collections.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const essenceForm =
  /^[\t\n\r ]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\/([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t\n\r ]*(?:;|$)/;
/** A parameter after its semicolon: name, quoted value, plain value. */
const parameterForm =
  /^[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\[^])*)(?:"|\\?$)[^;]*|([^;]*)))?(?:;|$)/;
const quotedText = /^[\t -~\x80-\xff]*$/;

/**
 * The `type` of a Blob made of a body with this `content-type`: the MIME type parsed and serialised
 * again (https://mimesniff.spec.whatwg.org/), or empty when it is not valid.
 */
export function blobTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return '';
  const match = RegExpPrototypeExec(essenceForm, contentType);
  if (match === null) return '';
  let type = StringPrototypeToLowerCase(`${match[1]}/${match[2]}`);
  const seen = new SafeMap<string, true>();
  let rest = StringPrototypeSlice(contentType, match[0].length);
  while (rest !== '') {
    const parameter = RegExpPrototypeExec(parameterForm, rest);
    if (parameter === null) break;
    rest = StringPrototypeSlice(rest, parameter[0].length);
    const name = StringPrototypeToLowerCase(parameter[1] ?? '');
    const value = parameter[2] === undefined ? trimEnd(parameter[3] ?? '') : unescape(parameter[2]);
    const isValid =
      RegExpPrototypeExec(token, name) !== null &&
      RegExpPrototypeExec(quotedText, value) !== null &&
      (parameter[2] !== undefined || value !== '') &&
      !seen.has(name);
    if (!isValid) continue;
    seen.set(name, true);
    type += `;${name}=${serializeValue(value)}`;
  }
  return type;
}

function serializeValue(value: string): string {
  if (RegExpPrototypeExec(token, value) !== null) return value;
  let quoted = '"';
  for (let i = 0; i < value.length; i += 1) {
    const character = StringPrototypeCharAt(value, i);
    quoted += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return `${quoted}"`;
}

function unescape(value: string): string {
  if (StringPrototypeIndexOf(value, '\\') < 0) return value;
  let text = '';
  for (let i = 0; i < value.length; i += 1) {
    if (StringPrototypeCharAt(value, i) === '\\' && i + 1 < value.length) i += 1;
    text += StringPrototypeCharAt(value, i);
  }
  return text;
}

function trimEnd(value: string): string {
  let end = value.length;
  while (end > 0 && isHttpSpace(StringPrototypeCharAt(value, end - 1))) end -= 1;
  return StringPrototypeSlice(value, 0, end);
}

function isHttpSpace(character: string): boolean {
  return character !== '' && StringPrototypeIndexOf('\t\n\r ', character) >= 0;
}
