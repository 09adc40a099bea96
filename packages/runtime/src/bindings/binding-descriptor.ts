import type { BindingShape, EnvDescriptor } from '../boundary.ts';

/** A key of an environment that is no text, as the platform keeps it. */
interface BoundKey {
  readonly key: string;
  readonly type: string;
  readonly shape: BindingShape;
}

/** How an isolate hears of a binding; undefined for a type that has no isolate side. */
export function bindingDescriptor({ key, type, shape }: BoundKey): EnvDescriptor | undefined {
  switch (type) {
    case 'kv':
    case 'storage':
    case 'database':
      return { key, kind: type, shape };
    case 'assets':
    case 'worker':
      return { key, kind: type };
    default:
      return undefined;
  }
}
