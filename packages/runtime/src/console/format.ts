import {
  JSONStringify,
  MathTrunc,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  String,
} from '../primordials.ts';
import { isObject, toNumber } from '../webidl/convert.ts';
import { inspect } from './inspect.ts';

/**
 * https://console.spec.whatwg.org/#formatter, in text.
 *
 * @param budget About how many characters may be written.
 */
export function formatArguments(args: readonly unknown[], budget: number): string {
  const first = args[0];
  let next = 0;
  let text = '';
  if (typeof first === 'string') {
    next = 1;
    text = args.length === 1 ? first : '';
    let start = 0;
    for (;;) {
      const percent = args.length === 1 ? -1 : StringPrototypeIndexOf(first, '%', start);
      if (percent < 0 || percent + 1 >= first.length) break;
      text += StringPrototypeSlice(first, start, percent);
      const kind = StringPrototypeSlice(first, percent + 1, percent + 2);
      start = percent + 2;
      if (kind === '%') text += '%';
      else if (next < args.length && isSpecifier(kind)) {
        text += substitute(kind, args[next], budget - text.length);
        next += 1;
      } else text += `%${kind}`;
    }
    if (args.length > 1) text += StringPrototypeSlice(first, start);
  }
  for (; next < args.length && text.length < budget; next += 1) {
    const arg = args[next];
    const shown = typeof arg === 'string' ? arg : inspect(arg, budget - text.length);
    text += next === 0 ? shown : ` ${shown}`;
  }
  return text;
}

function isSpecifier(kind: string): boolean {
  return StringPrototypeIndexOf('sdifjoOc', kind) >= 0 && StringPrototypeCharCodeAt(kind, 0) > 0;
}

function substitute(kind: string, arg: unknown, budget: number): string {
  switch (kind) {
    case 's':
      return isObject(arg) || typeof arg === 'bigint' ? inspect(arg, budget) : String(arg);
    case 'd':
    case 'i':
    case 'f':
      return numberText(kind, arg);
    case 'j':
      return jsonText(arg);
    case 'c':
      return '';
    default:
      return inspect(arg, budget);
  }
}

function numberText(kind: 'd' | 'i' | 'f', arg: unknown): string {
  if (typeof arg === 'bigint') return `${String(arg)}n`;
  if (typeof arg === 'symbol' || isObject(arg)) return 'NaN';
  const number = toNumber(arg);
  return String(kind === 'i' ? MathTrunc(number) : number);
}

function jsonText(arg: unknown): string {
  try {
    return String(JSONStringify(arg));
  } catch {
    return '[not JSON]';
  }
}
