import type { Egress, EgressKinds } from './channel-desk.ts';
import { EgressRefusal } from './egress-refusal.ts';

/** Everything a worker can reach through channels. */
export function createEgress(): EgressKinds {
  return { fetch: notAvailable, websocket: notAvailable };
}

const notAvailable: Egress = {
  open: () => {
    throw new EgressRefusal('not available on this platform yet');
  },
};
