import { randomBytes } from 'node:crypto';
import { domainToASCII, domainToUnicode } from 'node:url';
import { hostSyncOps } from '@openworkers/runtime';
import { decodeText } from './decode-text.ts';

const mostRandomBytes = 65_536;
const longestHost = 1024;
const punycode = /(?:^|\.)xn--/;
/** At most 5 ms of this thread, but for the first use of an encoding. */
const mostDecodedBytes = 65_536;

/**
 * The few things an isolate asks while its thread waits. Undefined for anything malformed. Costs
 * this thread's time: the caller charges it to whoever asked.
 */
export function answerSync(op: unknown, a: unknown, b: unknown): string | ArrayBuffer | undefined {
  switch (op) {
    case hostSyncOps.randomBytes:
      if (typeof a !== 'number' || !(a >= 0 && a <= mostRandomBytes)) return undefined;
      return new Uint8Array(randomBytes(Math.floor(a))).buffer;
    case hostSyncOps.domainToAscii:
      return typeof a === 'string' && a.length <= longestHost ? toAscii(a) : undefined;
    case hostSyncOps.decodeText:
      if (typeof a !== 'string' || !(b instanceof ArrayBuffer)) return undefined;
      return b.byteLength <= mostDecodedBytes ? decodeText(a, b) : undefined;
    default:
      return undefined;
  }
}

/** The domain in ASCII, or '' when it is none; Node takes Punycode that decodes to nothing allowed. */
function toAscii(domain: string): string {
  const ascii = domainToASCII(domain);
  if (!punycode.test(ascii)) return ascii;
  const unicode = domainToUnicode(ascii);
  return !punycode.test(unicode) && domainToASCII(unicode) === ascii ? ascii : '';
}
