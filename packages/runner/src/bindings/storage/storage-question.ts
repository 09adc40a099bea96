import { platformLimits } from '@openworkers/core';
import { z } from 'zod';
import { problemOfKey, problemOfPrefix } from './object-key.ts';

const binding = z.string();
/** What is wrong with it is told by `storage-operations.ts`, in words. */
const key = z.string().max(platformLimits.storageKeyBytes.tenant * 2);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const tags = z.array(z.string().max(1024)).max(100).nullable();
const time = z.number().nullable();

const conditions = z
  .strictObject({
    etagMatches: tags,
    etagDoesNotMatch: tags,
    uploadedBeforeMs: time,
    uploadedAfterMs: time,
    secondsGranularity: z.boolean(),
  })
  .nullable();

const headerText = z
  .string()
  .max(1024)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/);
const maxMetadataBytes = platformLimits.storageMetadataBytes.tenant;
const metadata = {
  http: z.strictObject({
    contentType: headerText.optional(),
    contentLanguage: headerText.optional(),
    contentDisposition: headerText.optional(),
    contentEncoding: headerText.optional(),
    cacheControl: headerText.optional(),
    cacheExpiry: headerText.optional(),
  }),
  custom: z
    .record(z.string(), z.string())
    .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes),
};

const uploadId = z.string().max(2048);
const partNumber = z.int().min(1).max(10_000);

/** What the isolate's side of a storage may ask. */
export const storageQuestion = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('head'), binding, key }),
  z.strictObject({
    op: z.literal('get'),
    binding,
    key,
    range: z
      .strictObject({
        offset: count.nullable(),
        length: count.nullable(),
        suffix: count.nullable(),
      })
      .nullable(),
    conditions,
  }),
  z.strictObject({
    op: z.literal('put'),
    binding,
    key,
    ...metadata,
    checksums: z.partialRecord(
      z.enum(['md5', 'sha1', 'sha256', 'sha384', 'sha512']),
      z.string().regex(/^[0-9a-f]{32,128}$/),
    ),
    conditions,
  }),
  z.strictObject({
    op: z.literal('list'),
    binding,
    prefix: key,
    delimiter: z.string().min(1).max(100).nullable(),
    cursor: z.string().max(8192).nullable(),
    startAfter: key.nullable(),
    limit: z.int().min(1).max(platformLimits.storageListKeys.tenant),
  }),
  z.strictObject({
    op: z.literal('delete'),
    binding,
    keys: z.array(key).min(1).max(platformLimits.storageListKeys.tenant),
  }),
  z.strictObject({ op: z.literal('createUpload'), binding, key, ...metadata }),
  z.strictObject({ op: z.literal('uploadPart'), binding, key, uploadId, part: partNumber }),
  z.strictObject({
    op: z.literal('completeUpload'),
    binding,
    key,
    uploadId,
    parts: z
      .array(z.strictObject({ part: partNumber, etag: z.string().max(128) }))
      .min(1)
      .max(10_000),
  }),
  z.strictObject({ op: z.literal('abortUpload'), binding, key, uploadId }),
]);

export type StorageQuestion = z.output<typeof storageQuestion>;
export type Question<Op extends StorageQuestion['op']> = Extract<StorageQuestion, { op: Op }>;

/** What is wrong with the keys of a question. */
export function problemOfKeys(asked: StorageQuestion): string | undefined {
  switch (asked.op) {
    case 'list':
      return problemOfPrefix(asked.prefix) ?? problemOfPrefix(asked.startAfter ?? '');
    case 'delete':
      return asked.keys.map(problemOfKey).find((problem) => problem !== undefined);
    default:
      return problemOfKey(asked.key);
  }
}
