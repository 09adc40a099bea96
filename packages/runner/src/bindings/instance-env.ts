import {
  secretIdentity,
  type BoundResource,
  type EnvironmentValue,
  type Sealer,
} from '@openworkers/db';
import { bindingDescriptor, type VersionAnswer } from '@openworkers/sandbox';

/** An environment as one isolate gets it, and what the runner keeps of it. */
export interface InstanceEnv {
  readonly descriptors: VersionAnswer['env'];
  /** What each key is bound to. */
  readonly bindings: ReadonlyMap<string, BoundResource>;
  /** Values that must not get into a log. */
  readonly secrets: readonly string[];
}

export const emptyEnv: InstanceEnv = { descriptors: [], bindings: new Map(), secrets: [] };

/** @throws AppError `secret_unreadable` */
export async function openInstanceEnv(
  values: readonly EnvironmentValue[],
  sealer: Sealer,
): Promise<InstanceEnv> {
  const descriptors: VersionAnswer['env'][number][] = [];
  const bindings = new Map<string, BoundResource>();
  const secrets: string[] = [];
  for (const value of values) {
    const { key, type } = value;
    switch (type) {
      case 'var':
        descriptors.push({ key, kind: 'text', value: value.value });
        break;
      case 'secret': {
        const secret = await sealer.open(value, secretIdentity(value.id));
        descriptors.push({ key, kind: 'text', value: secret });
        secrets.push(secret);
        break;
      }
      default: {
        const descriptor = bindingDescriptor(value);
        // A type without a trusted side yet: the key is simply not there.
        if (descriptor === undefined) break;
        descriptors.push(descriptor);
        bindings.set(key, value);
      }
    }
  }
  return { descriptors, bindings, secrets };
}
