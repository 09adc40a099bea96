import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import {
  StringPrototypeCharAt,
  newList,
  ReflectGet,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  SymbolIterator,
  TypedArrayPrototypeByteLength,
  TypeError,
  Uint8Array,
  Uint8ArrayPrototypeSet,
  type List,
} from '../primordials.ts';
import { copyBytes, isBufferSource } from '../webidl/buffer-source.ts';
import { isObject, toDomString, toUsvString } from '../webidl/convert.ts';
import { iterate } from '../webidl/to-pairs.ts';
import { ByteRange } from './byte-range.ts';

/** A part of a Blob after WebIDL's conversion. */
export type BlobPart = string | Uint8Array<ArrayBuffer> | ByteRange;

/**
 * Converts the `sequence<BlobPart>` of the constructors; undefined is the empty one.
 *
 * @param bytesOf The bytes of a Blob; undefined for anything else.
 */
export function toParts(
  parts: unknown,
  bytesOf: (value: unknown) => ByteRange | undefined,
): List<BlobPart> {
  const converted = newList<BlobPart>();
  if (parts === undefined) return converted;
  if (!isObject(parts)) throw new TypeError('The parts of a Blob must be a sequence');
  iterate(parts, ReflectGet(parts, SymbolIterator), (part) => {
    // Bytes are copied at once: converting the parts after them may change them.
    converted[converted.length] =
      bytesOf(part) ?? (isBufferSource(part) ? copyBytes(part) : toUsvString(part));
  });
  return converted;
}

export type Endings = 'transparent' | 'native';

export function toEndings(value: unknown): Endings {
  const endings = value === undefined ? 'transparent' : toDomString(value);
  if (endings === 'transparent' || endings === 'native') return endings;
  throw new TypeError(`"${endings}" is neither "transparent" nor "native"`);
}

/** A type in lower case; the empty string when it has characters other than printable ASCII. */
export function toType(value: unknown): string {
  const type = value === undefined ? '' : toDomString(value);
  for (let i = 0; i < type.length; i += 1) {
    const c = StringPrototypeCharCodeAt(type, i);
    if (c < 0x20 || c > 0x7e) return '';
  }
  return StringPrototypeToLowerCase(type);
}

/** https://w3c.github.io/FileAPI/#process-blob-parts */
export function joinParts(parts: List<BlobPart>, endings: Endings): ByteRange {
  const pieces = newList<Uint8Array<ArrayBuffer>>();
  let length = 0;
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (part === undefined) continue;
    const piece = toBytes(part, endings);
    pieces[pieces.length] = piece;
    length += TypedArrayPrototypeByteLength(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < pieces.length; i += 1) {
    const piece = pieces[i];
    if (piece === undefined) continue;
    Uint8ArrayPrototypeSet(bytes, piece, at);
    at += TypedArrayPrototypeByteLength(piece);
  }
  return new ByteRange(bytes, 0, length);
}

function toBytes(part: BlobPart, endings: Endings): Uint8Array<ArrayBuffer> {
  if (part instanceof ByteRange) return part.view();
  if (typeof part !== 'string') return part;
  return encodeUtf8(endings === 'native' ? replaceLineEndings(part, '\n') : part);
}

/** Replaces CR LF, CR and LF. */
export function replaceLineEndings(text: string, ending: string): string {
  let replaced = '';
  let copied = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharAt(text, i);
    if (c !== '\r' && c !== '\n') continue;
    replaced += StringPrototypeSlice(text, copied, i) + ending;
    if (c === '\r' && StringPrototypeCharAt(text, i + 1) === '\n') i += 1;
    copied = i + 1;
  }
  return replaced + StringPrototypeSlice(text, copied);
}
