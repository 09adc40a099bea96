import { utf8Length } from '../../encoding/utf8-encode.ts';
import { Body } from '../../fetch/body.ts';
import { extractBody } from '../../fetch/extract-body.ts';
import { streamsModule } from '../../lazy/lazy-modules.ts';
import { Error, JSONStringify, MathTrunc, ReflectGet, TypeError } from '../../primordials.ts';
import { copyBytes, isBufferSource } from '../../webidl/buffer-source.ts';
import { isObject, toDictionary, toNumber } from '../../webidl/convert.ts';
import { callBinding } from '../binding-call.ts';
import { andThen } from '../promises.ts';

const maxMetadataBytes = 1024;

/** A value up to this length travels with the question. */
const maxInlineLength = 32 * 1024;

interface Put {
  readonly binding: string;
  readonly key: string;
  readonly encoding: 'text' | 'bytes' | 'json';
  readonly value: string | Body;
  /** JSON. */
  readonly metadata?: string | null;
  readonly expires?: Expiry;
}

/** When an entry ends: at a time in seconds since 1970, or so many seconds from now; null is never. */
export interface Expiry {
  readonly at: number | null;
  readonly in: number | null;
}

const never: Expiry = { at: null, in: null };

export function putEntry(put: Put): Promise<undefined> {
  const { binding, key, encoding, value, metadata = null, expires = never } = put;
  const isInline = typeof value === 'string' && value.length <= maxInlineLength;
  const call = callBinding({
    kind: 'kv',
    question: {
      __proto__: null,
      binding,
      op: 'put',
      key,
      encoding,
      metadata,
      expiresAt: expires.at,
      expiresIn: expires.in,
      value: isInline ? value : null,
    },
    content: isInline ? undefined : typeof value === 'string' ? new Body(value, undefined) : value,
  });
  return andThen(call, () => undefined);
}

/** What Cloudflare's `put` takes: a text, bytes, or a stream of bytes. */
export function toTextOrBytes(value: unknown): Pick<Put, 'encoding' | 'value'> {
  if (typeof value === 'string') return { encoding: 'text', value };
  if (isBufferSource(value)) {
    return { encoding: 'bytes', value: new Body(copyBytes(value), undefined) };
  }
  if (isObject(value) && streamsModule.loaded?.isReadableStream(value) === true) {
    return { encoding: 'bytes', value: extractBody(value).body };
  }
  throw new TypeError(
    'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.',
  );
}

/** Bytes as they are, texts as they are, everything else as JSON. */
export function toValue(value: unknown): Pick<Put, 'encoding' | 'value'> {
  if (typeof value === 'string' || isBufferSource(value)) return toTextOrBytes(value);
  const text: unknown = JSONStringify(value);
  if (typeof text !== 'string') throw new TypeError(`KV put() cannot store ${typeof value}`);
  return { encoding: 'json', value: text };
}

/** Cloudflare's `expiration` and `expirationTtl`. */
export function toExpiry(options: object): Expiry {
  const at: unknown = ReflectGet(options, 'expiration');
  const ttl: unknown = ReflectGet(options, 'expirationTtl');
  if (ttl !== undefined && ttl !== null) return expiresIn(ttl, 'expirationTtl');
  if (at === undefined || at === null) return never;
  const seconds = MathTrunc(toNumber(at));
  if (!(seconds > 0 && seconds < 1e11)) throw new Error(`Invalid expiration of ${at as string}.`);
  return { at: seconds, in: null };
}

/** Seconds from now; nothing and 0 are never. */
export function expiresIn(given: unknown, name: string): Expiry {
  if (given === undefined || given === null || given === 0) return never;
  const seconds = toNumber(given);
  if (!(seconds >= 1 && seconds < 1e10)) {
    throw new Error(
      `Invalid ${name} of ${given as string}: it is a number of seconds, at least 1.`,
    );
  }
  return { at: null, in: MathTrunc(seconds) };
}

/** The metadata as JSON, or null. */
export function toMetadata(given: unknown): string | null {
  if (given === undefined || given === null) return null;
  const text: unknown = JSONStringify(given);
  if (typeof text !== 'string') throw new TypeError('KV metadata must be serializable as JSON.');
  const length = utf8Length(text);
  if (length > maxMetadataBytes) {
    throw new Error(`Metadata length of ${length} exceeds limit of ${maxMetadataBytes}.`);
  }
  return text;
}

export function toPutOptions(options: unknown): object {
  return toDictionary<never>(options, 'KV put()');
}
