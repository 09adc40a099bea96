import { randomBytes, toHex } from '../crypto/random.ts';
import {
  StringPrototypeCharAt,
  newList,
  TypedArrayPrototypeByteLength,
  TypeError,
} from '../primordials.ts';
import { parseUrlencodedBytes } from '../url/urlencoded.ts';
import { joinParts, replaceLineEndings, type BlobPart } from './blob-parts.ts';
import { blobStateOf } from './blob.ts';
import { parseFormContentType } from './content-type.ts';
import { fileStateOf } from './file.ts';
import { entriesOf, FormData } from './form-data.ts';
import { parseMultipart } from './multipart-parser.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Reads a body as form data: `multipart/form-data` or `application/x-www-form-urlencoded`.
 *
 * @param bytes Taken over: files of the form share them.
 * @param contentType The `content-type` header.
 * @throws TypeError for any other type, or when the body is malformed or has too many parts.
 */
export function parseFormData(bytes: Bytes, contentType: string | null | undefined): FormData {
  const { essence, boundary } = parseFormContentType(contentType ?? '');
  const formData = new FormData();
  const entries = entriesOf(formData);
  if (essence === 'multipart/form-data') {
    if (boundary === undefined || boundary === '') {
      throw new TypeError('The content-type of the form data has no boundary');
    }
    parseMultipart(bytes, boundary, entries);
    return formData;
  }
  if (essence !== 'application/x-www-form-urlencoded') {
    throw new TypeError('The content-type is not one of form data');
  }
  const parameters = parseUrlencodedBytes(bytes, TypedArrayPrototypeByteLength(bytes));
  for (let i = 0; i < parameters.length; i += 1) {
    const parameter = parameters[i];
    if (parameter !== undefined) entries[i] = parameter;
  }
  return formData;
}

/** https://html.spec.whatwg.org/#multipart-form-data, with a random boundary. */
export function serializeFormData(formData: FormData): { bytes: Bytes; contentType: string } {
  // Whoever can guess the boundary can end a part from within its content.
  const boundary = `----formdata-openworkers-${toHex(randomBytes(16))}`;
  const entries = entriesOf(formData);
  const parts = newList<BlobPart>();
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    if (entry === undefined) continue;
    const value = entry[1];
    const name = escapeText(replaceLineEndings(entry[0], '\r\n'));
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
    if (typeof value === 'string') {
      const text = replaceLineEndings(value, '\r\n');
      parts[parts.length] = `${head}\r\n\r\n${text}\r\n`;
      continue;
    }
    const { bytes, type } = blobStateOf(value);
    const filename = `; filename="${escapeText(fileStateOf(value).name)}"`;
    const typeLine = `Content-Type: ${type === '' ? 'application/octet-stream' : type}`;
    parts[parts.length] = `${head}${filename}\r\n${typeLine}\r\n\r\n`;
    parts[parts.length] = bytes;
    parts[parts.length] = '\r\n';
  }
  parts[parts.length] = `--${boundary}--\r\n`;
  const bytes = joinParts(parts, 'transparent').view();
  return { bytes, contentType: `multipart/form-data; boundary=${boundary}` };
}

function escapeText(text: string): string {
  let escaped = '';
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharAt(text, i);
    escaped += c === '\n' ? '%0A' : c === '\r' ? '%0D' : c === '"' ? '%22' : c;
  }
  return escaped;
}
