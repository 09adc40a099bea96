import type { StorageDescriptor } from '../../boundary.ts';
import { R2Bucket } from './r2-bucket.ts';
import { StorageBinding } from './storage-binding.ts';

export function createStorage({ key, shape }: StorageDescriptor): object {
  return shape === 'cloudflare' ? new R2Bucket(key) : new StorageBinding(key);
}
