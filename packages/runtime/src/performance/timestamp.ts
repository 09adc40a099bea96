import { TypeError } from '../primordials.ts';
import { toNumber } from '../webidl/convert.ts';

/** WebIDL's `double`: a finite number. */
export function toTimestamp(value: unknown): number {
  const number = toNumber(value);
  // Infinity - Infinity and NaN - NaN are NaN.
  if (number - number !== 0) throw new TypeError('The time is not a finite number');
  return number;
}
