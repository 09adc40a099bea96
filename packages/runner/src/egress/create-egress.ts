import { createCacheEgress } from './cache/create-cache-egress.ts';
import type { Egress, EgressKinds } from './channel-desk.ts';
import { EgressRefusal } from './egress-refusal.ts';

/** Everything a worker can reach through channels. */
export function createEgress(): EgressKinds {
  return { fetch: notAvailable, websocket: notAvailable, cache: createCacheEgress() };
}

const notAvailable: Egress = {
  open: () => {
    throw new EgressRefusal('not available on this platform yet');
  },
};
