import { EgressRefusal } from '../../egress/egress-refusal.ts';

/** Where a list goes on: behind this key. */
export function writeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws EgressRefusal when it is none of ours */
export function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (writeCursor(key) === cursor && !key.includes('\0')) return key;
  throw new EgressRefusal('KV LIST failed: the cursor is not valid');
}
