/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { listToArray, newList, ReflectGet } from '../../primordials.ts';
import { requireArguments, toDictionary } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { callBinding } from '../binding-call.ts';
import { andThen, attempt } from '../promises.ts';
import { getEntry, valueAs } from './kv-get.ts';
import type { Entry } from './kv-get.ts';
import { toKey } from './kv-key.ts';
import { listKeys } from './kv-list.ts';
import { expiresIn, putEntry, toMetadata, toValue } from './kv-put.ts';

/** A key-value namespace with OpenWorkers' own methods: values are JSON, texts or bytes. */
export class KvBinding {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /** What was put: a JSON value, a text or an ArrayBuffer; null when there is nothing. */
  get(key: unknown): Promise<unknown> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'KV get()');
      return andThen(getEntry(this.#binding, toKey(key)), (entry) =>
        entry === undefined ? null : originalValue(entry),
      );
    });
  }

  /** @param options `expiresIn` in seconds, and `metadata` */
  put(key: unknown, value: unknown, options: unknown = undefined): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 2, 'KV put()');
      const given = toDictionary<'expiresIn' | 'metadata'>(options, 'KV put()');
      return putEntry({
        binding: this.#binding,
        key: toKey(key),
        ...toValue(value),
        expires: expiresIn(ReflectGet(given, 'expiresIn'), 'expiresIn'),
        metadata: toMetadata(ReflectGet(given, 'metadata')),
      });
    });
  }

  delete(key: unknown): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'KV delete()');
      const question = { __proto__: null, binding: this.#binding, op: 'delete', key: toKey(key) };
      return andThen(callBinding({ kind: 'kv', question }), () => undefined);
    });
  }

  /** Keys in the order of their UTF-8; at most `limit` (1 000) from `prefix` on. */
  list(options: unknown = undefined): Promise<string[]> {
    return attempt(() =>
      andThen(listKeys(this.#binding, options), ({ keys }) => {
        const names = newList<string>();
        for (let i = 0; i < keys.length; i += 1) names[i] = keys[i]?.name ?? '';
        return listToArray(names);
      }),
    );
  }

  static {
    defineInterface(this, 'KvBinding');
  }
}

function originalValue({ encoding, content }: Entry): unknown {
  switch (encoding) {
    case 'json':
      return valueAs('json', content);
    case 'bytes':
      return valueAs('arrayBuffer', content);
    case 'text':
      return valueAs('text', content);
  }
}
