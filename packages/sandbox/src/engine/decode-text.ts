import { createRequire } from 'node:module';
import type { createMultibyteDecoder } from '@exodus/bytes/multi-byte.js';

type Decode = ReturnType<typeof createMultibyteDecoder>;

/** Node's ICU has none of Korean's syllables outside of KS X 1001, and not all of Big5. */
const multiByteEncodings = new Set(['big5', 'euc-jp', 'euc-kr', 'gb18030', 'gbk', 'shift_jis']);
const decoders = new Map<string, Decode>();

/**
 * The bytes as text; what is invalid is replaced, as the Encoding standard says. The first use of a
 * multi-byte encoding takes 10 to 35 ms more, for its tables.
 *
 * @param encoding A name of the standard, in lower case.
 * @returns Undefined when there is no such encoding; the runtime has its own list and never asks.
 */
export function decodeText(encoding: string, bytes: ArrayBuffer): string | undefined {
  if (multiByteEncodings.has(encoding)) return decoderOf(encoding)(new Uint8Array(bytes));
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decoderOf(encoding: string): Decode {
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    const require = createRequire(import.meta.url);
    const library = require('@exodus/bytes/multi-byte.js') as {
      createMultibyteDecoder: typeof createMultibyteDecoder;
    };
    decoder = library.createMultibyteDecoder(encoding, true);
    decoders.set(encoding, decoder);
  }
  return decoder;
}
