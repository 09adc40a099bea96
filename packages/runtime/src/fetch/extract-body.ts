import { isReadableStream, readableStateOf } from '../streams/readable-stream.ts';
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
  if (isReadableStream(init)) {
    const { isDisturbed, isLocked } = readableStateOf(init);
    if (isDisturbed || isLocked) throw new TypeError('The stream is locked or was already read');
    return { body: new Body(init), contentType: undefined };
  }
  if (isBufferSource(init)) return { body: new Body(copyBytes(init)), contentType: undefined };
  return textBody(init);
}

function textBody(init: unknown): ExtractedBody {
  return { body: new Body(toUsvString(init)), contentType: 'text/plain;charset=UTF-8' };
}
