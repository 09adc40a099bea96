import type { KvDescriptor } from '../../boundary.ts';
import { KvBinding } from './kv-binding.ts';
import { KvNamespace } from './kv-namespace.ts';

export function createKv({ key, shape }: KvDescriptor): object {
  return shape === 'cloudflare' ? new KvNamespace(key) : new KvBinding(key);
}
