import { platformLimits } from '@openworkers/core';
import { z } from 'zod';

const maxKeyBytes = platformLimits.kvKeyBytes.tenant;

/** PostgreSQL has no U+0000 in texts. */
const text = z.string().refine((value) => !value.includes('\0') && value.isWellFormed());
const key = text.refine((value) => value !== '' && Buffer.byteLength(value) <= maxKeyBytes);
const binding = z.string();

/** What the isolate's side of a key-value namespace may ask. */
export const kvQuestion = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('get'), binding, key }),
  z.strictObject({ op: z.literal('getMany'), binding, keys: z.array(key).min(1).max(100) }),
  z.strictObject({
    op: z.literal('put'),
    binding,
    key,
    encoding: z.enum(['text', 'bytes', 'json']),
    metadata: text
      .refine((value) => Buffer.byteLength(value) <= platformLimits.kvMetadataBytes.tenant)
      .nullable(),
    /** Seconds since 1970. */
    expiresAt: z.int().positive().max(1e11).nullable(),
    /** Seconds from now. */
    expiresIn: z.int().positive().max(1e10).nullable(),
    /** Null when it follows as bytes. */
    value: z.string().nullable(),
  }),
  z.strictObject({ op: z.literal('delete'), binding, key }),
  z.strictObject({
    op: z.literal('list'),
    binding,
    prefix: text.refine((value) => Buffer.byteLength(value) <= maxKeyBytes),
    cursor: z.string().max(1024).nullable(),
    limit: z.int().min(1).max(platformLimits.kvListKeys.tenant),
  }),
]);

export type KvQuestion = z.output<typeof kvQuestion>;
export type KvPut = Extract<KvQuestion, { op: 'put' }>;
