import { DateNow } from '../primordials.ts';

/**
 * When the isolate booted, in epoch milliseconds. The clock has whole milliseconds: a finer one
 * would measure what other tenants do.
 */
export const timeOrigin: number = DateNow();

let latest = 0;

/** Milliseconds since {@link timeOrigin}; never goes back when the system's clock does. */
export function elapsedMs(): number {
  const elapsed = DateNow() - timeOrigin;
  if (elapsed > latest) latest = elapsed;
  return latest;
}
