import type { Body } from '../../fetch/body.ts';
import { Error, JSONParse } from '../../primordials.ts';
import { callBinding } from '../binding-call.ts';
import { andThen } from '../promises.ts';

/** An object as the trusted side describes it. */
export interface ObjectDescription {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly uploadedMs: number;
  readonly http: HttpMetadata;
  readonly custom: object;
  readonly checksums: Digests;
}

/** As `R2HTTPMetadata`, with the date as text. */
export interface HttpMetadata {
  readonly contentType?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly cacheExpiry?: string;
}

/** In hex. */
export interface Digests {
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly sha384?: string;
  readonly sha512?: string;
}

export interface RangeQuestion {
  readonly offset: number | null;
  readonly length: number | null;
  readonly suffix: number | null;
}

export interface FoundObject {
  readonly object: ObjectDescription;
  readonly range: { readonly offset: number; readonly length: number } | null;
  /** Undefined when the conditions were not met. */
  readonly body: Body | undefined;
}

interface ObjectHead {
  readonly isFound: boolean;
  readonly object: ObjectDescription;
  readonly range: FoundObject['range'];
}

interface ObjectListing {
  readonly objects: readonly ObjectDescription[];
  readonly prefixes: readonly string[];
  readonly cursor: string | null;
}

/** An operation that answers with an object, or with nothing. */
export function askForObject(question: object, content?: Body): Promise<FoundObject | undefined> {
  return andThen(callBinding({ kind: 'storage', question, content }), ({ head, body }) => {
    // The trusted side writes it.
    const { isFound, object, range } = head as ObjectHead;
    return isFound ? { object, range, body } : undefined;
  });
}

export function askForList(question: object): Promise<ObjectListing> {
  return andThen(callBinding({ kind: 'storage', question }), ({ body }) => {
    if (body === undefined) throw new Error('The storage did not answer');
    // The trusted side writes it.
    return andThen(body.text(), (text) => JSONParse(text) as ObjectListing);
  });
}

/** An operation with a short answer of its own. */
export function askStorage(question: object, content?: Body): Promise<unknown> {
  return andThen(callBinding({ kind: 'storage', question, content }), ({ head }) => head);
}
