import { RegExpPrototypeExec, StringPrototypeToLowerCase } from '../primordials.ts';

const pattern =
  /^[ \t\n\r\f]*(?:(odd|even)|([+-]?\d{0,9})n(?:[ \t\n\r\f]*([+-])[ \t\n\r\f]*(\d{1,9}))?|([+-]?\d{1,9}))[ \t\n\r\f]*$/;

/** https://drafts.csswg.org/css-syntax/#anb-microsyntax; undefined when it is none. */
export function parseNth(text: string): { step: number; offset: number } | undefined {
  const match = RegExpPrototypeExec(pattern, StringPrototypeToLowerCase(text));
  if (match === null) return undefined;
  if (match[1] !== undefined) return { step: 2, offset: match[1] === 'odd' ? 1 : 0 };
  if (match[5] !== undefined) return { step: 0, offset: +match[5] };
  const step = match[2] ?? '';
  const offset = match[4] === undefined ? 0 : +match[4];
  return {
    step: step === '' || step === '+' ? 1 : step === '-' ? -1 : +step,
    offset: match[3] === '-' ? -offset : offset,
  };
}

/** Whether an index from 1 is one of them. */
export function isNth(index: number, step: number, offset: number): boolean {
  const distance = index - offset;
  if (step === 0) return distance === 0;
  return distance % step === 0 && distance / step >= 0;
}
