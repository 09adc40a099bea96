import { Body } from '../../fetch/body.ts';
import { defineBodyMethods } from '../../fetch/body-methods.ts';
import { HeaderList } from '../../fetch/header-list.ts';
import { Headers } from '../../fetch/headers.ts';
import {
  Date,
  listToArray,
  newList,
  ObjectDefineProperty,
  ReflectApply,
  ReflectGet,
  StringPrototypeSlice,
  TypedArrayPrototypeBuffer,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import type { ReadableStream } from '../../streams/readable-stream.ts';
import { isObject, toNumber } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { headerPairs } from './put-options.ts';
import type { Digests, FoundObject, HttpMetadata, ObjectDescription } from './storage-calls.ts';

const key = {};
const setHeader: unknown = ReflectGet(Headers.prototype, 'set');

/** What Cloudflare's `R2Object` has. */
class R2Object {
  readonly #object: ObjectDescription;
  readonly #range: FoundObject['range'];

  constructor(given: unknown, object: ObjectDescription, range: FoundObject['range']) {
    if (given !== key) throw new TypeError('Illegal constructor');
    this.#object = object;
    this.#range = range;
  }

  get key(): string {
    return this.#object.key;
  }

  get version(): string {
    return this.#object.version;
  }

  get size(): number {
    return this.#object.size;
  }

  get etag(): string {
    return this.#object.etag;
  }

  get httpEtag(): string {
    return `"${this.#object.etag}"`;
  }

  get uploaded(): Date {
    return new Date(this.#object.uploadedMs);
  }

  get httpMetadata(): object {
    const { cacheExpiry, ...http }: HttpMetadata = this.#object.http;
    return { ...http, ...(cacheExpiry !== undefined && { cacheExpiry: new Date(cacheExpiry) }) };
  }

  get customMetadata(): object {
    return { ...this.#object.custom };
  }

  get checksums(): object {
    return toChecksums(this.#object.checksums);
  }

  get range(): object | undefined {
    return this.#range === null ? undefined : { ...this.#range };
  }

  get storageClass(): string {
    void this.#object;
    return 'Standard';
  }

  /** Sets what was given as `httpMetadata`. */
  writeHttpMetadata(headers: unknown): void {
    const pairs = headerPairs(this.#object.http);
    for (let i = 0; i < pairs.length; i += 1) {
      const pair = pairs[i];
      if (pair !== undefined) ReflectApply(setHeader as () => void, headers, [pair[0], pair[1]]);
    }
  }

  static {
    defineInterface(this, 'R2Object');
  }
}

/** An `R2Object` with its content. */
class R2ObjectBody extends R2Object {
  readonly #body: Body;

  constructor(given: unknown, { object, range, body }: FoundObject) {
    super(given, object, range);
    this.#body = body ?? new Body('', undefined);
  }

  get body(): ReadableStream {
    return this.#body.stream;
  }

  get bodyUsed(): boolean {
    return this.#body.isUsed;
  }

  static {
    const headers = new HeaderList('', true);
    defineInterface(this, 'R2ObjectBody');
    defineBodyMethods(this.prototype, (self) => {
      if (!isObject(self) || !(#body in self)) throw new TypeError('Not an R2ObjectBody');
      return { body: self.#body, headers };
    });
  }
}

export function createObject(object: ObjectDescription): R2Object {
  return new R2Object(key, object, null);
}

/** With its content, unless a condition kept it back. */
export function createFound(found: FoundObject): R2Object {
  return found.body === undefined ? createObject(found.object) : new R2ObjectBody(key, found);
}

export function createObjects(objects: readonly ObjectDescription[]): R2Object[] {
  const list = newList<R2Object>();
  for (let i = 0; i < objects.length; i += 1) {
    const object = objects[i];
    if (object !== undefined) list[list.length] = createObject(object);
  }
  return listToArray(list);
}

/** Digests as buffers, and as hex in JSON. */
function toChecksums(digests: Digests): object {
  const { md5, sha1, sha256, sha384, sha512 } = digests;
  const checksums = {
    ...(md5 !== undefined && { md5: fromHex(md5) }),
    ...(sha1 !== undefined && { sha1: fromHex(sha1) }),
    ...(sha256 !== undefined && { sha256: fromHex(sha256) }),
    ...(sha384 !== undefined && { sha384: fromHex(sha384) }),
    ...(sha512 !== undefined && { sha512: fromHex(sha512) }),
  };
  const toJSON = (): object => ({ ...digests });
  ObjectDefineProperty(checksums, 'toJSON', { __proto__: null, value: toJSON } as object);
  return checksums;
}

function fromHex(hex: string): ArrayBuffer {
  const length = hex.length / 2;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) {
    bytes[i] = toNumber(`0x${StringPrototypeSlice(hex, i * 2, i * 2 + 2)}`);
  }
  return TypedArrayPrototypeBuffer(bytes);
}
