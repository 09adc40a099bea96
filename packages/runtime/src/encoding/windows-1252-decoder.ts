import { StringPrototypeCharCodeAt, Uint16Array } from '../primordials.ts';
import type { StreamDecoder } from './stream-decoder.ts';
import { stringFromUnits } from './string-from-units.ts';

/** The characters of the bytes 0x80 to 0x9f; all others are those of their number. */
const differing = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Also what the labels `ascii`, `latin1` and `iso-8859-1` mean. */
export const windows1252Decoder: StreamDecoder = {
  decode(bytes, length) {
    const units = new Uint16Array(length);
    for (let i = 0; i < length; i += 1) {
      const byte = bytes[i] ?? 0;
      const differs = byte >= 0x80 && byte < 0xa0;
      units[i] = differs ? StringPrototypeCharCodeAt(differing, byte - 0x80) : byte;
    }
    return stringFromUnits(units, 0, length);
  },
};
