import type { Readable } from 'node:stream';

/** What was said of an object when it was put. */
export interface ObjectMetadata {
  /** `contentType`, `cacheControl`, …, as `R2HTTPMetadata` names them. */
  readonly http: Readonly<Record<string, string>>;
  readonly custom: Readonly<Record<string, string>>;
}

export interface StoredObject extends ObjectMetadata {
  readonly key: string;
  /** Another one for each `put`. */
  readonly version: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly uploadedMs: number;
  /** By algorithm, in hex. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Bytes from `offset` on; of a suffix, the last ones. */
export interface ByteRange {
  readonly offset: number | null;
  readonly length: number | null;
  readonly suffix: number | null;
}

/** What must be true of the object that is there; see `meetsConditions`. */
export interface Conditions {
  readonly etagMatches: readonly string[] | null;
  readonly etagDoesNotMatch: readonly string[] | null;
  readonly uploadedBeforeMs: number | null;
  readonly uploadedAfterMs: number | null;
  readonly secondsGranularity: boolean;
}

export interface FoundObject {
  readonly object: StoredObject;
  /** Undefined when the conditions are not met. */
  readonly content:
    { readonly body: Readable; readonly offset: number; readonly length: number } | undefined;
}

export interface PutOptions {
  readonly metadata: ObjectMetadata;
  /** What the content must have, by algorithm, in hex. */
  readonly checksums: Readonly<Record<string, string>>;
  readonly conditions: Conditions | undefined;
}

export interface ListOptions {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Only what is behind it, in the order of bytes. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface ObjectList {
  readonly objects: readonly StoredObject[];
  /** What keys have in common up to the delimiter. */
  readonly prefixes: readonly string[];
  /** For `after`, when there is more. */
  readonly next: string | undefined;
}

export interface UploadKey {
  readonly key: string;
  readonly uploadId: string;
}

/**
 * Objects of one storage. Keys have been checked. Whoever reads a body must read it to its end or
 * destroy it; `signal` ends what waits. What the worker may know is thrown as `EgressRefusal`.
 */
export interface ObjectStore {
  head(key: string): Promise<StoredObject | undefined>;
  get(
    key: string,
    options: { range: ByteRange | undefined; conditions: Conditions | undefined },
  ): Promise<FoundObject | undefined>;
  /** Undefined when the conditions are not met: nothing was written. */
  put(key: string, body: Readable, options: PutOptions): Promise<StoredObject | undefined>;
  list(options: ListOptions): Promise<ObjectList>;
  delete(keys: readonly string[]): Promise<void>;
  createUpload(key: string, metadata: ObjectMetadata): Promise<string>;
  /** Answers the part's etag. */
  uploadPart(upload: UploadKey, part: number, body: Readable): Promise<string>;
  completeUpload(
    upload: UploadKey,
    parts: readonly { part: number; etag: string }[],
  ): Promise<StoredObject>;
  abortUpload(upload: UploadKey): Promise<void>;
}
