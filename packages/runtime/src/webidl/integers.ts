import { MathFloor, MathTrunc, TypeError } from '../primordials.ts';
import { toNumber } from './convert.ts';

const twoTo63 = 2 ** 63;
const twoTo64 = 2 ** 64;

/** WebIDL's `long long`: modulo 2⁶⁴, NaN and infinities are 0. */
export function toInteger(value: unknown): number {
  const number = MathTrunc(toNumber(value));
  // Infinity - Infinity and NaN - NaN are NaN.
  if (number - number !== 0) return 0;
  const wrapped = number % twoTo64;
  if (wrapped >= twoTo63) return wrapped - twoTo64;
  // `+ 0` turns -0 into 0.
  return wrapped < -twoTo63 ? wrapped + twoTo64 : wrapped + 0;
}

/** WebIDL's `[Clamp] long long`: the nearest safe integer, the even one of two. */
export function toClampedInteger(value: unknown): number {
  const number = toNumber(value);
  if (!(number > -0x1f_ffff_ffff_ffff)) return number === number ? -0x1f_ffff_ffff_ffff : 0;
  if (number > 0x1f_ffff_ffff_ffff) return 0x1f_ffff_ffff_ffff;
  const floor = MathFloor(number);
  const rest = number - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (isUp ? floor + 1 : floor) + 0;
}

/** WebIDL's `[EnforceRange]` up to 2⁵³ - 1; throws a TypeError outside of it. */
export function toEnforcedInteger(value: unknown, name: string): number {
  const number = MathTrunc(toNumber(value));
  if (number >= 0 && number <= 0x1f_ffff_ffff_ffff) return number + 0;
  throw new TypeError(`${name} is out of range`);
}
