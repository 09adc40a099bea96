import type { DatabaseDescriptor } from '../../boundary.ts';
import { D1Database } from './d1-database.ts';
import { SqlBinding } from './sql-binding.ts';

export function createDatabase({ key, shape }: DatabaseDescriptor): object {
  return shape === 'cloudflare' ? new D1Database(key) : new SqlBinding(key);
}
