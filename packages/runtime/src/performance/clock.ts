import { bootTimeMs } from '../dispatch/host.ts';
import { DateNow } from '../primordials.ts';

let latest = 0;

/**
 * Whole milliseconds since the isolate booted: a finer clock would measure what other tenants do.
 * It never goes back when the system's clock does.
 */
export function elapsedMs(): number {
  const elapsed = DateNow() - bootTimeMs;
  if (elapsed > latest) latest = elapsed;
  return latest;
}
