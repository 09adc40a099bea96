import { decodeUtf8 } from '../encoding/utf8-decode.ts';
import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import {
  TypedArrayPrototypeByteLength,
  TypedArrayPrototypeIndexOf,
  TypeError,
  type List,
} from '../primordials.ts';
import { toType } from './blob-parts.ts';
import { BlobState } from './blob.ts';
import { ByteRange } from './byte-range.ts';
import { File } from './file.ts';
import type { FormDataEntry } from './form-data.ts';
import { malformed, parsePartHeaders } from './multipart-headers.ts';

/** More parts, or a part with longer headers, are refused with a TypeError. */
const maxParts = 10_000;
const maxHeaderBytes = 16_384;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const hyphen = 0x2d;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Parses a `multipart/form-data` body as browsers do; throws a TypeError when it is malformed.
 * Files share the bytes, which must not change from now on.
 */
export function parseMultipart(bytes: Bytes, boundary: string, entries: List<FormDataEntry>): void {
  const end = TypedArrayPrototypeByteLength(bytes);
  const delimiter = encodeUtf8(`--${boundary}`);
  const delimiterLength = TypedArrayPrototypeByteLength(delimiter);
  let position = 0;
  while (isLineEnd(bytes, position)) position += 2;
  if (!startsWith(bytes, position, delimiter, delimiterLength)) throw malformed();
  for (let parts = 0; ; parts += 1) {
    position += delimiterLength;
    if (bytes[position] === hyphen && bytes[position + 1] === hyphen) return;
    if (!isLineEnd(bytes, position)) throw malformed();
    if (parts === maxParts) throw new TypeError(`The form has more than ${maxParts} parts`);
    const headersEnd = findHeadersEnd(bytes, position);
    const contentStart = headersEnd + 4;
    const contentEnd = findDelimiter(bytes, contentStart, delimiter);
    // The line end after the delimiter is also the one before the first header.
    const headers = decodeUtf8(bytes, position + 2, headersEnd);
    const content = new ByteRange(bytes, contentStart, contentEnd - contentStart);
    entries[entries.length] = toEntry(headers, content);
    position = contentEnd + 2;
    if (position >= end) throw malformed();
  }
}

function isLineEnd(bytes: Bytes, at: number): boolean {
  return bytes[at] === carriageReturn && bytes[at + 1] === lineFeed;
}

function startsWith(bytes: Bytes, at: number, prefix: Bytes, length: number): boolean {
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** The empty line after the headers. */
function findHeadersEnd(bytes: Bytes, start: number): number {
  let at = start;
  while (at !== -1 && at - start <= maxHeaderBytes) {
    if (isLineEnd(bytes, at) && isLineEnd(bytes, at + 2)) return at;
    at = TypedArrayPrototypeIndexOf(bytes, carriageReturn, at + 1);
  }
  throw malformed();
}

/** The line end before the next delimiter. */
function findDelimiter(bytes: Bytes, start: number, delimiter: Bytes): number {
  const length = TypedArrayPrototypeByteLength(delimiter);
  let at = TypedArrayPrototypeIndexOf(bytes, carriageReturn, start);
  while (at !== -1) {
    if (bytes[at + 1] === lineFeed && startsWith(bytes, at + 2, delimiter, length)) return at;
    at = TypedArrayPrototypeIndexOf(bytes, carriageReturn, at + 1);
  }
  throw malformed();
}

function toEntry(headerText: string, content: ByteRange): FormDataEntry {
  const { name, filename, contentType } = parsePartHeaders(headerText);
  if (filename === undefined) return [name, decodeUtf8(content.view(), 0, content.length)];
  const blob = new BlobState(content, toType(contentType ?? 'text/plain'));
  return [name, new File(blob, filename)];
}
