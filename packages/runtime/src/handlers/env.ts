import { createBinding } from '../bindings/create-binding.ts';
import type { EnvDescriptor } from '../boundary.ts';
import { ObjectDefineProperty, ObjectFreeze } from '../primordials.ts';

/** The frozen `env`. Names may be `__proto__`: they are defined, not assigned. */
export function createEnv(descriptors: readonly EnvDescriptor[]): object {
  const env = {};
  for (let i = 0; i < descriptors.length; i += 1) {
    const descriptor = descriptors[i];
    if (descriptor === undefined) continue;
    const value = createBinding(descriptor);
    ObjectDefineProperty(env, descriptor.key, {
      __proto__: null,
      value,
      enumerable: true,
    } as object);
  }
  return ObjectFreeze(env);
}
