import type { EnvDescriptor } from '../boundary.ts';
import { databaseModule, fetchModule, kvModule, storageModule } from '../lazy/lazy-modules.ts';

/** What stands in `env` under the descriptor's key. */
export function createBinding(descriptor: EnvDescriptor): unknown {
  switch (descriptor.kind) {
    case 'text':
      return descriptor.value;
    case 'worker':
      return fetchModule.value.createFetcher(descriptor.key);
    case 'database':
      return databaseModule.value.createDatabase(descriptor);
    case 'kv':
      return kvModule.value.createKv(descriptor);
    case 'storage':
      return storageModule.value.createStorage(descriptor);
    case 'assets':
      return storageModule.value.createAssets(descriptor.key);
  }
}
