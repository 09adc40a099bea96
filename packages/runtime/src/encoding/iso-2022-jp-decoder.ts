import {
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  Uint8Array,
} from '../primordials.ts';
import { HostStreamDecoder } from './host-stream-decoder.ts';
import type { StreamDecoder } from './stream-decoder.ts';

const escape = 0x1b;
/** Bytes that are errors in ISO-2022-JP stand for the characters that EUC-JP has no bytes for. */
const yenMark = 0x0e;
const overlineMark = 0x0f;
const errorMark = 0x1b;

type CharacterSet = 'ascii' | 'roman' | 'katakana' | 'double';

/**
 * https://encoding.spec.whatwg.org/#iso-2022-jp-decoder: escape sequences switch between sets of
 * characters, which EUC-JP has, too; so the bytes are rewritten as EUC-JP, which the host decodes.
 */
export class Iso2022JpDecoder implements StreamDecoder {
  readonly #isStrict: boolean;
  readonly #eucJp: HostStreamDecoder;
  #set: CharacterSet = 'ascii';
  /** The first byte of two; 0 when the next one is no second. */
  #lead = 0;
  /** The last byte of an escape sequence that is not complete; 0 outside of one. */
  #escape = 0;
  /** The standard's output flag: nothing has come since the last escape sequence. */
  #isSwitched = false;
  #target = new Uint8Array(0);
  #written = 0;
  #hasMarks = false;
  #hasErrors = false;

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
    this.#eucJp = new HostStreamDecoder('euc-jp', isStrict);
  }

  decode(bytes: Uint8Array, length: number, isLast: boolean): string | undefined {
    // At most two bytes for each, for the two of an escape sequence that was held, and for the end.
    this.#target = new Uint8Array(length * 2 + 8);
    this.#written = 0;
    this.#hasMarks = false;
    for (let i = 0; i < length; i += 1) this.#take(bytes[i] ?? 0);
    if (isLast) this.#takeEnd();
    if (this.#isStrict && this.#hasErrors) return undefined;
    const text = this.#eucJp.decode(this.#target, this.#written, isLast);
    return text === undefined || !this.#hasMarks ? text : withoutMarks(text);
  }

  #take(byte: number): void {
    if (this.#escape === 0) this.#takeCharacter(byte);
    else if (this.#escape !== escape) this.#takeThird(byte);
    else if (byte === 0x24 || byte === 0x28) this.#escape = byte;
    else this.#breakEscape(byte);
  }

  #takeThird(byte: number): void {
    const set = setOf(this.#escape, byte);
    if (set === undefined) {
      this.#breakEscape(byte);
      return;
    }
    const wasSwitched = this.#isSwitched;
    this.#escape = 0;
    this.#set = set;
    this.#isSwitched = true;
    if (wasSwitched) this.#putError();
  }

  /** What began like an escape sequence is an error and ordinary bytes. */
  #breakEscape(byte: number | undefined): void {
    const second = this.#escape;
    this.#escape = 0;
    this.#isSwitched = false;
    this.#putError();
    if (second !== escape) this.#take(second);
    if (byte !== undefined) this.#take(byte);
  }

  #takeEnd(): void {
    if (this.#escape !== 0) this.#breakEscape(undefined);
    if (this.#lead !== 0) this.#putError();
    this.#lead = 0;
  }

  #takeCharacter(byte: number): void {
    const lead = this.#lead;
    this.#lead = 0;
    if (byte === escape) {
      this.#escape = escape;
      if (lead !== 0) this.#putError();
      return;
    }
    this.#isSwitched = false;
    if (!isCharacter(this.#set, byte)) this.#putError();
    else if (this.#set === 'katakana') this.#put(0x8e, byte | 0x80);
    else if (this.#set !== 'double') this.#putSingle(byte);
    else if (lead === 0) this.#lead = byte;
    else this.#put(lead | 0x80, byte | 0x80);
  }

  #putSingle(byte: number): void {
    if (this.#set === 'roman' && byte === 0x5c) this.#putMark(yenMark);
    else if (this.#set === 'roman' && byte === 0x7e) this.#putMark(overlineMark);
    else this.#target[this.#written++] = byte;
  }

  #put(first: number, second: number): void {
    this.#target[this.#written++] = first;
    this.#target[this.#written++] = second;
  }

  #putError(): void {
    this.#hasErrors = true;
    this.#putMark(errorMark);
  }

  #putMark(mark: number): void {
    this.#hasMarks = true;
    this.#target[this.#written++] = mark;
  }
}

function setOf(second: number, third: number): CharacterSet | undefined {
  if (second === 0x24) return third === 0x40 || third === 0x42 ? 'double' : undefined;
  if (third === 0x42) return 'ascii';
  if (third === 0x4a) return 'roman';
  return third === 0x49 ? 'katakana' : undefined;
}

function isCharacter(set: CharacterSet, byte: number): boolean {
  if (set === 'double') return byte >= 0x21 && byte <= 0x7e;
  if (set === 'katakana') return byte >= 0x21 && byte <= 0x5f;
  return byte < 0x80 && byte !== yenMark && byte !== overlineMark;
}

function withoutMarks(text: string): string {
  let clean = '';
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c !== yenMark && c !== overlineMark && c !== errorMark) continue;
    const meant = c === yenMark ? 0xa5 : c === overlineMark ? 0x203e : 0xfffd;
    clean += StringPrototypeSlice(text, start, i) + StringFromCharCode(meant);
    start = i + 1;
  }
  return clean + StringPrototypeSlice(text, start);
}
