import { inspect } from '../console/inspect.ts';
import {
  ErrorIsError,
  ReflectGet,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';
import { isObject, toDomString } from '../webidl/convert.ts';

/** What the owner of a worker learns about a thrown value. */
export interface ErrorDescription {
  /** One line. */
  readonly message: string;
  /** Empty when the value has none. */
  readonly stack: string;
}

const maxMessageLength = 4096;
const maxStackLength = 16_384;
const maxCauses = 4;

/**
 * Turns whatever was thrown into text. Runs getters of the value, whose exceptions end here; one
 * that never returns is the watchdog's business.
 */
export function describeError(value: unknown): ErrorDescription {
  const message = firstLine(describeValue(value));
  let stack = stackOf(value);
  let cause = causeOf(value);
  for (let i = 0; i < maxCauses && cause !== undefined; i += 1) {
    const causeStack = stackOf(cause);
    stack += `\n  [cause]: ${causeStack === '' ? describeValue(cause) : causeStack}`;
    cause = causeOf(cause);
  }
  return { message, stack: StringPrototypeSlice(stack, 0, maxStackLength) };
}

function describeValue(value: unknown): string {
  try {
    if (!ErrorIsError(value)) return `Uncaught ${inspect(value, maxMessageLength)}`;
    const name = textOf(value, 'name');
    const message = textOf(value, 'message');
    if (message === '') return name === '' ? 'Error' : name;
    return name === '' ? message : `${name}: ${message}`;
  } catch {
    return 'Uncaught value that cannot be described';
  }
}

function stackOf(value: unknown): string {
  try {
    return isObject(value) ? textOf(value, 'stack') : '';
  } catch {
    return '';
  }
}

function causeOf(value: unknown): unknown {
  try {
    return ErrorIsError(value) ? ReflectGet(value, 'cause') : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: object, key: string): string {
  const text: unknown = ReflectGet(value, key);
  if (text === undefined) return '';
  return StringPrototypeSlice(toDomString(text), 0, maxStackLength);
}

const lineBreak = /[\n\r\u2028\u2029]/;

function firstLine(text: string): string {
  const match = RegExpPrototypeExec(lineBreak, text);
  const end = match === null ? text.length : StringPrototypeIndexOf(text, match[0]);
  return StringPrototypeSlice(text, 0, end < maxMessageLength ? end : maxMessageLength);
}
