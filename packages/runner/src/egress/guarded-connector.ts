import { platformLimits } from '@openworkers/core';
import { buildConnector } from 'undici';
import type { EgressGuard } from './egress-guard.ts';
import { pinned } from './pinned-lookup.ts';

const defaultTimeoutMs: number = platformLimits.subrequestConnectMs.tenant;

/**
 * Connects for undici, to addresses that the guard has checked and to no other: names are resolved
 * here, once.
 */
export function createGuardedConnector(
  guard: EgressGuard,
  timeoutMs = defaultTimeoutMs,
): buildConnector.connector {
  const connect = async (
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): Promise<void> => {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    const startedAt = performance.now();
    let addresses: readonly string[];
    try {
      addresses = await guard.addressesOf(options.hostname, port);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    buildConnector({
      // Of the time for all of it; 0 would be none.
      timeout: Math.max(1, timeoutMs - (performance.now() - startedAt)),
      allowH2: false,
      autoSelectFamily: true,
      lookup: pinned(addresses),
    })(options, callback);
  };
  return (options, callback) => void connect(options, callback);
}
