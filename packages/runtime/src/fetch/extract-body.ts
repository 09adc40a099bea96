import { blobModule, streamsModule, urlModule } from '../lazy/lazy-modules.ts';
import { TypeError } from '../primordials.ts';
import { copyBytes, isBufferSource } from '../webidl/buffer-source.ts';
import { isObject, toUsvString } from '../webidl/convert.ts';
import { Body } from './body.ts';

export interface ExtractedBody {
  readonly body: Body;
  /** For the `content-type` header if none was given. */
  readonly contentType: string | undefined;
}

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init: unknown): ExtractedBody {
  if (typeof init === 'string' || !isObject(init)) return textBody(init);
  if (isBufferSource(init)) {
    return { body: new Body(copyBytes(init), undefined), contentType: undefined };
  }
  return streamBody(init) ?? blobBody(init) ?? urlencodedBody(init) ?? textBody(init);
}

function textBody(init: unknown): ExtractedBody {
  return { body: new Body(toUsvString(init), undefined), contentType: 'text/plain;charset=UTF-8' };
}

function streamBody(init: object): ExtractedBody | undefined {
  const streams = streamsModule.loaded;
  if (streams?.isReadableStream(init) !== true) return undefined;
  const { isDisturbed, isLocked } = streams.readableStateOf(init);
  if (isDisturbed || isLocked) throw new TypeError('The stream is locked or was already read');
  return { body: new Body(undefined, init), contentType: undefined };
}

function blobBody(init: object): ExtractedBody | undefined {
  const blobs = blobModule.loaded;
  if (blobs === undefined) return undefined;
  if (blobs.isBlob(init)) {
    const { bytes, type } = blobs.blobStateOf(init);
    return { body: new Body(bytes.view(), undefined), contentType: type === '' ? undefined : type };
  }
  if (!blobs.isFormData(init)) return undefined;
  const { bytes, contentType } = blobs.serializeFormData(init);
  return { body: new Body(bytes, undefined), contentType };
}

function urlencodedBody(init: object): ExtractedBody | undefined {
  const urls = urlModule.loaded;
  if (urls?.isURLSearchParams(init) !== true) return undefined;
  const text = urls.serializeUrlencoded(urls.parametersOf(init));
  const contentType = 'application/x-www-form-urlencoded;charset=UTF-8';
  return { body: new Body(text, undefined), contentType };
}
