/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { ArrayIsArray, listToArray, newList, ReflectGet, TypeError } from '../../primordials.ts';
import { promiseResolve } from '../../safe-promise.ts';
import { requireArguments, toDictionary, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import { toConditions, toRange } from './get-options.ts';
import { toCustomMetadata, toDigests, toHttpMetadata } from './put-options.ts';
import { createUpload } from './r2-multipart-upload.ts';
import { createFound, createObject, createObjects } from './r2-object.ts';
import { askForList, askForObject, askStorage } from './storage-calls.ts';
import { isAbsent, toContent, toKey, toLimit } from './storage-values.ts';

const maxKeys = 1000;

/** An object storage with the methods of Cloudflare's `R2Bucket`. */
export class R2Bucket {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  head(key: unknown): Promise<object | null> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'head()');
      const question = { __proto__: null, op: 'head', binding: this.#binding, key: toKey(key) };
      return andThen(askForObject(question), (found) =>
        found === undefined ? null : createObject(found.object),
      );
    });
  }

  /** Null when there is none; without a body when `onlyIf` is not met. */
  get(key: unknown, options: unknown = undefined): Promise<object | null> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'get()');
      const given = toDictionary<'range' | 'onlyIf'>(options, 'get()');
      const question = {
        __proto__: null,
        op: 'get',
        binding: this.#binding,
        key: toKey(key),
        range: toRange(ReflectGet(given, 'range')),
        conditions: toConditions(ReflectGet(given, 'onlyIf')),
      };
      return andThen(askForObject(question), (found) =>
        found === undefined ? null : createFound(found),
      );
    });
  }

  /** Null when `onlyIf` is not met. */
  put(key: unknown, value: unknown, options: unknown = undefined): Promise<object | null> {
    return attempt(() => {
      requireArguments(arguments.length, 2, 'put()');
      const given = toDictionary<'onlyIf' | 'httpMetadata' | 'customMetadata'>(options, 'put()');
      const { body, contentType } = toContent(value);
      const question = {
        __proto__: null,
        op: 'put',
        binding: this.#binding,
        key: toKey(key),
        conditions: toConditions(ReflectGet(given, 'onlyIf')),
        custom: toCustomMetadata(ReflectGet(given, 'customMetadata')),
        checksums: toDigests(given),
        http: toHttpMetadata(ReflectGet(given, 'httpMetadata'), contentType),
      };
      return andThen(askForObject(question, body), (found) =>
        found === undefined ? null : createObject(found.object),
      );
    });
  }

  /** @param keys One, or up to 1 000 */
  delete(keys: unknown): Promise<undefined> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'delete()');
      const list = toKeys(keys);
      if (list.length === 0) return promiseResolve(undefined);
      const question = { __proto__: null, op: 'delete', binding: this.#binding, keys: list };
      return andThen(askStorage(question), () => undefined);
    });
  }

  list(options: unknown = undefined): Promise<object> {
    return attempt(() => {
      const given = toDictionary<'limit'>(options, 'list()');
      const question = {
        __proto__: null,
        op: 'list',
        binding: this.#binding,
        prefix: toText(given, 'prefix') ?? '',
        delimiter: toText(given, 'delimiter'),
        cursor: toText(given, 'cursor'),
        startAfter: toText(given, 'startAfter'),
        limit: toLimit(ReflectGet(given, 'limit')),
      };
      return andThen(askForList(question), ({ objects, prefixes, cursor }) => ({
        objects: createObjects(objects),
        truncated: cursor !== null,
        ...(cursor !== null && { cursor }),
        delimitedPrefixes: prefixes,
      }));
    });
  }

  createMultipartUpload(key: unknown, options: unknown = undefined): Promise<object> {
    return attempt(() => {
      requireArguments(arguments.length, 1, 'createMultipartUpload()');
      const given = toDictionary<'httpMetadata' | 'customMetadata'>(options, 'put()');
      const target = { binding: this.#binding, key: toKey(key) };
      const question = {
        __proto__: null,
        op: 'createUpload',
        ...target,
        http: toHttpMetadata(ReflectGet(given, 'httpMetadata'), undefined),
        custom: toCustomMetadata(ReflectGet(given, 'customMetadata')),
      };
      return andThen(askStorage(question), (answer) => {
        // The trusted side writes it.
        const { uploadId } = answer as { uploadId: string };
        return createUpload({ ...target, uploadId });
      });
    });
  }

  /** Asks nobody: whether there is such an upload shows when it is used. */
  resumeMultipartUpload(key: unknown, uploadId: unknown): object {
    requireArguments(arguments.length, 2, 'resumeMultipartUpload()');
    const binding = this.#binding;
    return createUpload({ binding, key: toKey(key), uploadId: toUsvString(uploadId) });
  }

  static {
    defineInterface(this, 'R2Bucket');
  }
}

/** Null when it is left out or empty. */
function toText(options: object, name: string): string | null {
  const value: unknown = ReflectGet(options, name);
  return isAbsent(value) || value === '' ? null : toUsvString(value);
}

function toKeys(given: unknown): string[] {
  const keys = newList<string>();
  if (!ArrayIsArray(given)) keys[0] = toKey(given);
  else {
    if (given.length > maxKeys) throw new TypeError(`delete() takes at most ${maxKeys} keys`);
    for (let i = 0; i < given.length; i += 1) keys[i] = toKey(given[i]);
  }
  return listToArray(keys);
}
