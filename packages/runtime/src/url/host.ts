import { hostSyncOps } from '../boundary.ts';
import { hostSync } from '../dispatch/host.ts';
import { decodeUtf8 } from '../encoding/utf8-decode.ts';
import {
  StringPrototypeCharAt,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { endsInNumber, parseIpv4 } from './ipv4.ts';
import { parseIpv6 } from './ipv6.ts';
import {
  hasForbiddenDomainCodePoint,
  hasForbiddenHostCodePoint,
  percentDecode,
  percentEncode,
  percentEncodeSets,
} from './percent-encoding.ts';

const dot = 0x2e;
const hyphen = 0x2d;

/**
 * https://url.spec.whatwg.org/#host-parsing
 *
 * @returns The host in its serialised form, or undefined when the text is no host.
 */
export function parseHost(text: string, isSpecial: boolean): string | undefined {
  if (StringPrototypeCharAt(text, 0) === '[') {
    if (StringPrototypeCharAt(text, text.length - 1) !== ']') return undefined;
    const address = parseIpv6(StringPrototypeSlice(text, 1, -1));
    return address === undefined ? undefined : `[${address}]`;
  }
  return isSpecial ? parseDomain(text) : parseOpaqueHost(text);
}

function parseOpaqueHost(text: string): string | undefined {
  if (hasForbiddenHostCodePoint(text)) return undefined;
  return percentEncode(text, 0, text.length, percentEncodeSets.c0Control);
}

function parseDomain(text: string): string | undefined {
  if (isPlainDomain(text)) return text;
  const domain = StringPrototypeIndexOf(text, '%') === -1 ? text : decodeDomain(text);
  const ascii = domainToAscii(domain);
  if (ascii === '' || hasForbiddenDomainCodePoint(ascii)) return undefined;
  return endsInNumber(ascii) ? parseIpv4(ascii) : ascii;
}

function decodeDomain(text: string): string {
  const { bytes, length } = percentDecode(text);
  return decodeUtf8(bytes, 0, length);
}

/**
 * Whether the domain is in its final form: lower-case ASCII, no label with Punycode, and no digit
 * begins the last one.
 */
export function isPlainDomain(text: string): boolean {
  let labelStart = 0;
  let startsWithDigit = true;
  for (let i = 0; i < text.length; i += 1) {
    const c = StringPrototypeCharCodeAt(text, i);
    if (c === dot) {
      labelStart = i + 1;
      continue;
    }
    const isDigit = c >= 0x30 && c <= 0x39;
    if (!isDigit && c !== hyphen && (c < 0x61 || c > 0x7a)) return false;
    if (c === hyphen && i === labelStart + 3 && isPunycodeAt(text, labelStart)) return false;
    if (i === labelStart) startsWithDigit = isDigit;
  }
  return !startsWithDigit;
}

function domainToAscii(domain: string): string {
  if (isAscii(domain)) {
    const lower = StringPrototypeToLowerCase(domain);
    if (!hasPunycode(lower)) return lower;
  }
  // The host's function would take some of them for the end of the domain.
  if (hasForbiddenDomainCodePoint(withoutComposable(domain))) return '';
  const ascii = hostSync(hostSyncOps.domainToAscii, domain);
  return typeof ascii === 'string' ? ascii : '';
}

function hasPunycode(lower: string): boolean {
  let start = 0;
  while (start !== -1) {
    if (isPunycodeAt(lower, start)) return true;
    const dotAt = StringPrototypeIndexOf(lower, '.', start);
    start = dotAt === -1 ? -1 : dotAt + 1;
  }
  return false;
}

function isPunycodeAt(text: string, start: number): boolean {
  return StringPrototypeStartsWith(text, 'xn--', start);
}

/** `<` and `>` are forbidden, but a combining character after them makes other characters of them. */
function withoutComposable(domain: string): string {
  let text = '';
  for (let i = 0; i < domain.length; i += 1) {
    const c = StringPrototypeCharAt(domain, i);
    if (c !== '<' && c !== '>') text += c;
  }
  return text;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (StringPrototypeCharCodeAt(text, i) >= 0x80) return false;
  }
  return true;
}
