/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import type { Body, Bytes } from '../../fetch/body.ts';
import { HeaderList } from '../../fetch/header-list.ts';
import { Response, ResponseState } from '../../fetch/response.ts';
import { Error, listToArray, newList, ReflectGet } from '../../primordials.ts';
import { requireArguments, toDictionary, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import { headerPairs, toCustomMetadata, toHttpMetadata } from './put-options.ts';
import { askForList, askForObject, askStorage } from './storage-calls.ts';
import type { FoundObject } from './storage-calls.ts';
import { isAbsent, toContent, toKey, toLimit } from './storage-values.ts';

/** An object storage with OpenWorkers' own methods. */
export class StorageBinding {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  /** The content as text; null when there is none. */
  get(key: unknown): Promise<string | null> {
    return this.#read(key, (body) => body.text());
  }

  /** The content as a Uint8Array; null when there is none. */
  getBytes(key: unknown): Promise<Bytes | null> {
    return this.#read(key, (body) => body.read((bytes) => bytes));
  }

  /** @param options `contentType`, `cacheControl`, …, and `metadata`: texts by name */
  put(key: unknown, value: unknown, options: unknown = undefined): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 2, 'put()');
      const given = toDictionary<'metadata'>(options, 'put()');
      const { body, contentType } = toContent(value);
      const question = {
        __proto__: null,
        op: 'put',
        binding: this.#binding,
        key: toKey(key),
        conditions: null,
        custom: toCustomMetadata(ReflectGet(given, 'metadata')),
        checksums: {},
        http: toHttpMetadata(given, contentType),
      };
      return andThen(askForObject(question, body), () => undefined);
    });
  }

  /** Rejects when there is no such object. */
  head(key: unknown): Promise<object> {
    return attempt(() => {
      const question = { __proto__: null, op: 'head', binding: this.#binding, key: toKey(key) };
      return andThen(askForObject(question), (found) => {
        if (found === undefined) throw new Error('Object not found');
        const { size, etag, http, custom } = found.object;
        return { size, etag, ...http, metadata: custom };
      });
    });
  }

  list(options: unknown = undefined): Promise<object> {
    return attempt(() => {
      const given = toDictionary<'prefix' | 'limit' | 'cursor'>(options, 'list()');
      const prefix: unknown = ReflectGet(given, 'prefix');
      const cursor: unknown = ReflectGet(given, 'cursor');
      const question = {
        __proto__: null,
        op: 'list',
        binding: this.#binding,
        prefix: isAbsent(prefix) ? '' : toUsvString(prefix),
        delimiter: null,
        cursor: isAbsent(cursor) ? null : toUsvString(cursor),
        startAfter: null,
        limit: toLimit(ReflectGet(given, 'limit')),
      };
      return andThen(askForList(question), ({ objects, cursor: next }) => {
        const keys = newList<string>();
        for (let i = 0; i < objects.length; i += 1) keys[i] = objects[i]?.key ?? '';
        const rest = next === null ? {} : { cursor: next };
        return { keys: listToArray(keys), truncated: next !== null, ...rest };
      });
    });
  }

  delete(key: unknown): Promise<undefined> {
    return attempt(() => {
      const keys = [toKey(key)];
      const question = { __proto__: null, op: 'delete', binding: this.#binding, keys };
      return andThen(askStorage(question), () => undefined);
    });
  }

  /** The object as a streamed response: 200, or 404. */
  fetch(key: unknown): Promise<Response> {
    return attempt(() => andThen(this.#find(key), toResponse));
  }

  #read<Result>(key: unknown, read: (body: Body) => Promise<Result>): Promise<Result | null> {
    return attempt(() =>
      andThen(this.#find(key), (found) => (found?.body === undefined ? null : read(found.body))),
    );
  }

  #find(key: unknown): Promise<FoundObject | undefined> {
    return askForObject({
      __proto__: null,
      op: 'get',
      binding: this.#binding,
      key: toKey(key),
      range: null,
      conditions: null,
    });
  }

  static {
    defineInterface(this, 'StorageBinding');
  }
}

function toResponse(found: FoundObject | undefined): Response {
  const state = new ResponseState(new HeaderList('', false));
  if (found === undefined) {
    state.status = 404;
    return new Response(state);
  }
  const { object, body } = found;
  const pairs = headerPairs(object.http);
  for (let i = 0; i < pairs.length; i += 1) {
    const pair = pairs[i];
    if (pair !== undefined) state.headers.append(pair[0], pair[1]);
  }
  state.headers.append('content-length', `${object.size}`);
  state.headers.append('etag', `"${object.etag}"`);
  state.body = body ?? null;
  return new Response(state);
}
