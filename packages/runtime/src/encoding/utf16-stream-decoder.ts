import { Uint16Array } from '../primordials.ts';
import { HeldBytes } from './held-bytes.ts';
import type { StreamDecoder } from './stream-decoder.ts';
import { stringFromUnits } from './string-from-units.ts';

const replacement = 0xfffd;

export class Utf16StreamDecoder implements StreamDecoder {
  readonly #isBigEndian: boolean;
  readonly #isStrict: boolean;
  readonly #held = new HeldBytes();

  constructor(isBigEndian: boolean, isStrict: boolean) {
    this.#isBigEndian = isBigEndian;
    this.#isStrict = isStrict;
  }

  decode(given: Uint8Array, givenLength: number, isLast: boolean): string | undefined {
    const { bytes, length } = this.#held.join(given, givenLength);
    const whole = length >> 1;
    const units = new Uint16Array(whole + 1);
    for (let i = 0; i < whole; i += 1) units[i] = this.#unitAt(bytes, i * 2);
    let count = whole;
    if (isLast && length % 2 === 1) {
      // Half a unit, or a surrogate and half a unit, is one error.
      if (whole > 0 && isLead(units[whole - 1] ?? 0)) count -= 1;
      units[count] = replacement;
      count += 1;
      return this.#isStrict ? undefined : this.#textOf(units, count);
    }
    if (!isLast && whole > 0 && isLead(units[whole - 1] ?? 0)) count -= 1;
    this.#held.hold(bytes, isLast ? length : count * 2, length);
    return this.#textOf(units, count);
  }

  #unitAt(bytes: Uint8Array, i: number): number {
    const first = bytes[i] ?? 0;
    const second = bytes[i + 1] ?? 0;
    return this.#isBigEndian ? (first << 8) | second : (second << 8) | first;
  }

  /** Undefined when there are lone surrogates and the decoder is strict. */
  #textOf(units: Uint16Array, count: number): string | undefined {
    for (let i = 0; i < count; i += 1) {
      const unit = units[i] ?? 0;
      if ((unit & 0xf800) !== 0xd800) continue;
      const next = i + 1 < count ? (units[i + 1] ?? 0) : 0;
      if (isLead(unit) && (next & 0xfc00) === 0xdc00) i += 1;
      else if (this.#isStrict) return undefined;
      else units[i] = replacement;
    }
    return stringFromUnits(units, 0, count);
  }
}

function isLead(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
