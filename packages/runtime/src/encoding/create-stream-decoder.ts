import { HostStreamDecoder } from './host-stream-decoder.ts';
import { Iso2022JpDecoder } from './iso-2022-jp-decoder.ts';
import type { StreamDecoder } from './stream-decoder.ts';
import { Utf16StreamDecoder } from './utf16-stream-decoder.ts';
import { Utf8StreamDecoder } from './utf8-stream-decoder.ts';
import { windows1252Decoder } from './windows-1252-decoder.ts';

/** @param encoding A name of an encoding, as `encodingOf` answers; not `replacement`. */
export function createStreamDecoder(encoding: string, isFatal: boolean): StreamDecoder {
  switch (encoding) {
    case 'utf-8':
      return new Utf8StreamDecoder(isFatal);
    case 'utf-16le':
    case 'utf-16be':
      return new Utf16StreamDecoder(encoding === 'utf-16be', isFatal);
    case 'windows-1252':
      return windows1252Decoder;
    case 'iso-2022-jp':
      return new Iso2022JpDecoder(isFatal);
    default:
      return new HostStreamDecoder(encoding, isFatal);
  }
}
