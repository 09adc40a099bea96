import { createMasterKey } from '../sealing/master-keys.ts';
import { Sealer } from '../sealing/sealer.ts';

/** A sealer with a master key of its own. */
export function createTestSealer(): Sealer {
  const key = createMasterKey();
  return new Sealer({ load: () => Promise.resolve([key]) });
}
