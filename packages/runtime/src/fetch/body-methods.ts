import { blobModule } from '../lazy/lazy-modules.ts';
import {
  JSONParse,
  ObjectDefineProperty,
  ReflectGet,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  Uint8Array,
} from '../primordials.ts';
import { promiseReject, promiseResolve, transform } from '../safe-promise.ts';
import type { Body, Bytes } from './body.ts';
import type { HeaderList } from './header-list.ts';
import { blobTypeOf } from './mime-type.ts';

interface BodyOwner {
  readonly body: Body | null;
  readonly headers: HeaderList;
}

type OwnerOf = (self: unknown) => BodyOwner;

/**
 * Gives the prototypes of Request and Response the methods of
 * https://fetch.spec.whatwg.org/#body-mixin
 *
 * @param ownerOf Throws a TypeError when `this` is not of the class; the methods reject with it.
 */
export function defineBodyMethods(prototype: object, ownerOf: OwnerOf): void {
  // As methods of an object they keep their names when the runtime is minified.
  const methods = {
    arrayBuffer(this: unknown) {
      return read(ownerOf, this, (bytes) => TypedArrayPrototypeBuffer(bytes));
    },
    blob(this: unknown) {
      return read(ownerOf, this, (bytes, contentType) => {
        const { Blob, BlobState, ByteRange } = blobModule.value;
        const range = new ByteRange(bytes, 0, TypedArrayPrototypeByteLength(bytes));
        return new Blob(new BlobState(range, blobTypeOf(contentType)));
      });
    },
    bytes(this: unknown) {
      return read(ownerOf, this, (content) => content);
    },
    formData(this: unknown) {
      return read(ownerOf, this, (bytes, contentType) =>
        blobModule.value.parseFormData(bytes, contentType),
      );
    },
    json(this: unknown) {
      return transform(readText(ownerOf, this), (text): unknown => JSONParse(text), rethrow);
    },
    text(this: unknown) {
      return readText(ownerOf, this);
    },
  };
  const names = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'];
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] ?? '';
    define(prototype, name, ReflectGet(methods, name));
  }
}

function read<Result>(
  ownerOf: OwnerOf,
  self: unknown,
  convert: (bytes: Bytes, contentType: string | undefined) => Result,
): Promise<Result> {
  try {
    const { body, headers } = ownerOf(self);
    const contentType = headers.get('content-type');
    if (body !== null) return body.read((bytes) => convert(bytes, contentType));
    return promiseResolve(convert(new Uint8Array(0), contentType));
  } catch (error) {
    return promiseReject(error);
  }
}

function readText(ownerOf: OwnerOf, self: unknown): Promise<string> {
  try {
    return ownerOf(self).body?.text() ?? promiseResolve('');
  } catch (error) {
    return promiseReject(error);
  }
}

function define(prototype: object, name: string, method: unknown): void {
  ObjectDefineProperty(prototype, name, {
    __proto__: null,
    value: method,
    writable: true,
    enumerable: true,
    configurable: true,
  } as object);
}

function rethrow(reason: unknown): never {
  throw reason;
}
