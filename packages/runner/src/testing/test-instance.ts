import type { Instance } from '../handle-registry.ts';
import { Redactor } from '../redactor.ts';

/** An isolate instance without bindings and secrets. */
export function testInstance(known: Partial<Instance> = {}): Instance {
  return {
    tenantId: 't',
    workerId: 'w',
    workerName: 'w',
    version: 1,
    bindings: new Map(),
    redactor: new Redactor([]),
    ...known,
  };
}
