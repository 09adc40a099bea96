import { StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials.ts';
import { createStreamDecoder } from './create-stream-decoder.ts';

/**
 * https://encoding.spec.whatwg.org/#decode: a byte order mark is worth more than the given encoding.
 *
 * @param encoding As `encodingOf` answers.
 */
export function decodeMarked(bytes: Uint8Array, length: number, encoding: string): string {
  const marked = encodingOfMark(bytes, length);
  if (marked === undefined && encoding === 'replacement') return length === 0 ? '' : '\ufffd';
  const text = createStreamDecoder(marked ?? encoding, false).decode(bytes, length, true) ?? '';
  const hasMark = marked !== undefined && StringPrototypeCharCodeAt(text, 0) === 0xfeff;
  return hasMark ? StringPrototypeSlice(text, 1) : text;
}

function encodingOfMark(bytes: Uint8Array, length: number): string | undefined {
  if (length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (length < 2) return undefined;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : undefined;
}
