import { domExceptionModule } from '../lazy/lazy-modules.ts';
import { MathTrunc } from '../primordials.ts';
import { toNumber, toUsvString } from '../webidl/convert.ts';
import { utf8Length } from './message-size.ts';

const maxReasonBytes = 123;
/** A close frame without a code: RFC 6455 §7.4.1. */
const noCode = 1005;

export interface CloseArguments {
  readonly code: number;
  readonly reason: string;
}

/**
 * Checks the arguments of `close()`: https://websockets.spec.whatwg.org/#dom-websocket-close
 *
 * @param isServer Whether codes that the standard keeps from pages are allowed: a server has reasons
 * to say 1001, 1011 or 1012.
 */
export function toCloseArguments(
  code: unknown,
  reason: unknown,
  isServer: boolean,
): CloseArguments {
  const { DOMException } = domExceptionModule.value;
  const number = code === undefined ? noCode : toClampedShort(code);
  const text = reason === undefined ? '' : toUsvString(reason);
  if (code !== undefined && !isAllowed(number, isServer)) {
    const range = isServer ? 'a code that can be sent' : '1000 or from 3000 to 4999';
    throw new DOMException(`The close code ${number} is not ${range}`, 'InvalidAccessError');
  }
  if (utf8Length(text) > maxReasonBytes) {
    throw new DOMException('The close reason is longer than 123 bytes', 'SyntaxError');
  }
  // A frame without a code has no room for a reason.
  return { code: code === undefined && text !== '' ? 1000 : number, reason: text };
}

function isAllowed(code: number, isServer: boolean): boolean {
  if (code === 1000 || (code >= 3000 && code <= 4999)) return true;
  if (!isServer || code < 1001 || code > 1014) return false;
  // Reserved, or standing for what no frame says.
  return code !== 1004 && code !== 1005 && code !== 1006;
}

/** WebIDL's `[Clamp] unsigned short`. */
function toClampedShort(value: unknown): number {
  const number = toNumber(value);
  if (!(number > 0)) return 0;
  return number >= 65_535 ? 65_535 : roundHalfToEven(number);
}

function roundHalfToEven(number: number): number {
  const floor = MathTrunc(number);
  const rest = number - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
