import { encodeUtf8 } from '../../encoding/utf8-encode.ts';
import {
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypedArrayPrototypeBuffer,
  TypedArrayPrototypeByteLength,
  Uint8Array,
  Uint8ArrayFromBase64,
} from '../../primordials.ts';
import type { UrlRecord } from '../../url/url-record.ts';
import { Body } from '../body.ts';
import type { Bytes } from '../body.ts';
import { HeaderList } from '../header-list.ts';
import { blobTypeOf } from '../mime-type.ts';
import { ResponseState } from '../response.ts';

const base64Ending = /^([^]*);\x20*base64$/i;
const spaces = /^[\t\n\f\r ]*([^]*?)[\t\n\f\r ]*$/;

/** https://fetch.spec.whatwg.org/#data-urls: undefined when the URL is not valid. */
export function dataUrlResponse(url: UrlRecord, method: string): ResponseState | undefined {
  const input = url.query === null ? url.path : `${url.path}?${url.query}`;
  const comma = StringPrototypeIndexOf(input, ',');
  if (comma < 0) return undefined;
  let type = stripSpaces(StringPrototypeSlice(input, 0, comma));
  let bytes: Bytes | undefined = percentDecode(StringPrototypeSlice(input, comma + 1));
  const base64 = RegExpPrototypeExec(base64Ending, type);
  if (base64 !== null) {
    type = base64[1] ?? '';
    bytes = fromBase64(bytes);
  }
  if (bytes === undefined) return undefined;
  if (StringPrototypeSlice(type, 0, 1) === ';') type = `text/plain${type}`;
  const valid = blobTypeOf(type);
  const contentType = valid === '' ? 'text/plain;charset=US-ASCII' : valid;
  const state = new ResponseState(new HeaderList(`content-type\n${contentType}`, true));
  state.type = 'basic';
  state.statusText = 'OK';
  state.url = `data:${input}`;
  state.body = method === 'HEAD' ? null : new Body(bytes, undefined);
  return state;
}

function stripSpaces(text: string): string {
  return RegExpPrototypeExec(spaces, text)?.[1] ?? text;
}

/** https://url.spec.whatwg.org/#string-percent-decode */
function percentDecode(text: string): Bytes {
  const bytes = encodeUtf8(text);
  const length = TypedArrayPrototypeByteLength(bytes);
  const decoded = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i] ?? 0;
    const high = byte === 0x25 ? hexValue(bytes[i + 1]) : -1;
    const low = high < 0 ? -1 : hexValue(bytes[i + 2]);
    if (low < 0) decoded[at] = byte;
    else {
      decoded[at] = high * 16 + low;
      i += 2;
    }
    at += 1;
  }
  return at === length
    ? decoded
    : new Uint8Array(new Uint8Array(TypedArrayPrototypeBuffer(decoded), 0, at));
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The language's decoder is as forgiving as the standard's. */
function fromBase64(bytes: Bytes): Bytes | undefined {
  let text = '';
  const length = TypedArrayPrototypeByteLength(bytes);
  for (let i = 0; i < length; i += 1) text += StringFromCharCode(bytes[i] ?? 0);
  try {
    return Uint8ArrayFromBase64(text);
  } catch {
    // Its SyntaxError is the only error for a string.
    return undefined;
  }
}
