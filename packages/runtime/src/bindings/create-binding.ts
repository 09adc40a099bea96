import type { EnvDescriptor } from '../boundary.ts';
import { kvModule } from '../lazy/lazy-modules.ts';

/** What stands in `env` under the descriptor's key. */
export function createBinding(descriptor: EnvDescriptor): unknown {
  switch (descriptor.kind) {
    case 'text':
      return descriptor.value;
    case 'kv':
      return kvModule.value.createKv(descriptor);
  }
}
