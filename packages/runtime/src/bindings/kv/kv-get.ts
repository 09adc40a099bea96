import { encodeUtf8 } from '../../encoding/utf8-encode.ts';
import { Body } from '../../fetch/body.ts';
import { JSONParse, newList, TypedArrayPrototypeBuffer, TypeError } from '../../primordials.ts';
import type { List } from '../../primordials.ts';
import { exactBuffer } from '../../webidl/buffer-source.ts';
import { callBinding } from '../binding-call.ts';
import { andThen } from '../promises.ts';

/** What the trusted side says of an entry. */
interface EntryHead {
  readonly isFound: boolean;
  readonly encoding: 'text' | 'bytes' | 'json';
  /** JSON, or null. */
  readonly metadata: string | null;
  /** A short text or JSON; null when the value comes as bytes. */
  readonly value: string | null;
}

export interface Entry {
  readonly encoding: EntryHead['encoding'];
  readonly metadata: unknown;
  readonly content: string | Body;
}

export type ValueType = 'text' | 'json' | 'arrayBuffer' | 'stream';

/** Undefined when there is no such entry. */
export function getEntry(binding: string, key: string): Promise<Entry | undefined> {
  const question = { __proto__: null, binding, op: 'get', key };
  // The trusted side writes the head.
  return andThen(callBinding({ kind: 'kv', question }), ({ head, body }) =>
    toEntry(head as EntryHead, body),
  );
}

function toEntry(head: EntryHead, body: Body | undefined): Entry | undefined {
  if (!head.isFound) return undefined;
  const metadata: unknown = head.metadata === null ? null : JSONParse(head.metadata);
  const content = body ?? head.value ?? '';
  return { encoding: head.encoding, metadata, content };
}

/** What is under each of the keys, in their order; a value is null where there is none. */
export function getEntries(binding: string, keys: readonly string[]): Promise<List<ManyEntry>> {
  const question = { __proto__: null, binding, op: 'getMany', keys };
  return andThen(callBinding({ kind: 'kv', question }), ({ body }) =>
    // Always the body: together they may be large.
    body === undefined ? newList<ManyEntry>() : andThen(body.text(), parseEntries),
  );
}

function parseEntries(text: string): List<ManyEntry> {
  // The trusted side writes it.
  const rows = JSONParse(text) as (ManyEntry & { readonly metadata: string | null })[];
  const entries = newList<ManyEntry>();
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    if (row === undefined) continue;
    const metadata: unknown = row.metadata === null ? null : JSONParse(row.metadata);
    entries[i] = { key: row.key, value: row.value, metadata };
  }
  return entries;
}

export interface ManyEntry {
  readonly key: string;
  readonly value: string | null;
  readonly metadata: unknown;
}

/** The value as it was asked for. */
export function valueAs(type: ValueType, content: string | Body): unknown {
  const isText = typeof content === 'string';
  switch (type) {
    case 'text':
      return isText ? content : content.text();
    case 'json':
      return isText ? JSONParse(content) : andThen(content.text(), (text) => JSONParse(text));
    case 'arrayBuffer':
      return isText ? TypedArrayPrototypeBuffer(encodeUtf8(content)) : content.read(exactBuffer);
    case 'stream':
      return (isText ? new Body(content, undefined) : content).stream;
  }
}

export function toValueType(given: unknown): ValueType {
  if (given === undefined || given === null) return 'text';
  if (given === 'text' || given === 'json' || given === 'arrayBuffer' || given === 'stream') {
    return given;
  }
  throw new TypeError(
    'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
  );
}
