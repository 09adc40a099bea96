import { platformLimits, systemClock, type Clock } from '@openworkers/core';
import { CacheEgress } from './cache-egress.ts';
import { CacheStore } from './cache-store.ts';

/** The caches of all tenants, empty. */
export function createCacheEgress(clock: Clock = systemClock): CacheEgress {
  const limits = {
    totalBytes: platformLimits.cacheTotalBytes.tenant,
    tenantBytes: platformLimits.cacheTenantBytes.tenant,
    tenantEntries: platformLimits.cacheEntries.tenant,
    entryBytes: platformLimits.cacheEntryBytes.tenant,
  };
  return new CacheEgress({ store: new CacheStore(limits, clock), now: () => clock.now() });
}
