import type { HostFunctions } from '../boundary.ts';
import { DateNow, Error } from '../primordials.ts';

/*
 * The way out of the isolate. One script runs in an isolate, so this state is one per isolate; it
 * is set once, before any code of the worker runs.
 */

export let host: HostFunctions['host'] = notConnected;
export let hostSync: HostFunctions['hostSync'] = notConnected;

/** When the isolate booted, in epoch milliseconds. */
export let bootTimeMs = 0;

/** Called once while the isolate boots. */
export function connectHost(functions: HostFunctions): void {
  bootTimeMs = DateNow();
  ({ host, hostSync } = functions);
}

function notConnected(): never {
  throw new Error('The host is not connected');
}
