import { ArrayIsArray, listToArray, newList, ReflectGet, TypeError } from '../../primordials.ts';
import { requireArguments, toDictionary, toUsvString } from '../../webidl/convert.ts';
import { defineInterface } from '../../webidl/define-interface.ts';
import { andThen, attempt } from '../promises.ts';
import { createObject } from './r2-object.ts';
import { askForObject, askStorage } from './storage-calls.ts';
import { toContent, toCount } from './storage-values.ts';

interface Upload {
  readonly binding: string;
  readonly key: string;
  readonly uploadId: string;
}

const illegal = {};

/** An object that comes in parts, as Cloudflare's `R2MultipartUpload`. */
class R2MultipartUpload {
  readonly #upload: Upload;

  constructor(given: unknown, upload: Upload) {
    if (given !== illegal) throw new TypeError('Illegal constructor');
    this.#upload = upload;
  }

  get key(): string {
    return this.#upload.key;
  }

  get uploadId(): string {
    return this.#upload.uploadId;
  }

  uploadPart(partNumber: unknown, value: unknown): Promise<object> {
    return attempt(() => {
      requireArguments(arguments.length, 2, 'uploadPart()');
      const part = toPartNumber(partNumber);
      const question = { __proto__: null, op: 'uploadPart', ...this.#upload, part };
      const { body } = toContent(value);
      return andThen(askStorage(question, body), (answer) => {
        // The trusted side writes it.
        const { etag } = answer as { etag: string };
        return { partNumber: part, etag };
      });
    });
  }

  /** @param uploadedParts What `uploadPart` answered, in the order of the parts */
  complete(uploadedParts: unknown): Promise<object> {
    return attempt(() => {
      if (!ArrayIsArray(uploadedParts)) throw new TypeError('complete() takes an array of parts');
      const parts = newList<object>();
      for (let i = 0; i < uploadedParts.length; i += 1) {
        const given = toDictionary<'partNumber' | 'etag'>(uploadedParts[i], 'complete()');
        const part = toPartNumber(ReflectGet(given, 'partNumber'));
        parts[i] = { part, etag: toUsvString(ReflectGet(given, 'etag')) };
      }
      const list = listToArray(parts);
      const question = { __proto__: null, op: 'completeUpload', ...this.#upload, parts: list };
      return andThen(askForObject(question), (found) => {
        if (found === undefined) throw new TypeError('The storage did not answer');
        return createObject(found.object);
      });
    });
  }

  abort(): Promise<undefined> {
    return attempt(() => {
      const question = { __proto__: null, op: 'abortUpload', ...this.#upload };
      return andThen(askStorage(question), () => undefined);
    });
  }

  static {
    defineInterface(this, 'R2MultipartUpload');
  }
}

export function createUpload(upload: Upload): R2MultipartUpload {
  return new R2MultipartUpload(illegal, upload);
}

function toPartNumber(given: unknown): number {
  const part = toCount(given, 'partNumber');
  if (part < 1 || part > 10_000) throw new TypeError('A part has a number from 1 to 10 000');
  return part;
}
