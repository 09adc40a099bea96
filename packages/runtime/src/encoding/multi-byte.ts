/**
 * How many of the bytes before `end` are the beginning of a character that more bytes complete. The
 * byte at `start` must begin a character.
 *
 * @param encoding In lower case; those with one byte a character answer 0.
 */
export function incompleteLength(
  encoding: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const family = familyOf(encoding);
  if (family === undefined) return 0;
  let i = start;
  while (i < end) {
    const next = i + sequenceLength(family, bytes, i, end);
    if (next > end) return end - i;
    i = next;
  }
  return 0;
}

/** How an encoding tells the first byte of two, and the least second byte that can be one. */
interface Family {
  isLead(byte: number): boolean;
  readonly leastTrail: number;
  /** Byte that begins three bytes, or 0. */
  readonly leadOfThree: number;
  /** Whether a digit as second byte makes it four bytes. */
  readonly hasFour: boolean;
}

function familyOf(encoding: string): Family | undefined {
  switch (encoding) {
    case 'gbk':
    case 'gb18030':
      return { isLead: isHigh, leastTrail: 0x30, leadOfThree: 0, hasFour: true };
    case 'big5':
    case 'euc-kr':
      return { isLead: isHigh, leastTrail: 0x40, leadOfThree: 0, hasFour: false };
    case 'euc-jp':
      return { isLead: isEucJpLead, leastTrail: 0xa1, leadOfThree: 0x8f, hasFour: false };
    case 'shift_jis':
      return { isLead: isShiftJisLead, leastTrail: 0x40, leadOfThree: 0, hasFour: false };
    default:
      return undefined;
  }
}

function isHigh(byte: number): boolean {
  return byte > 0x80 && byte < 0xff;
}

function isEucJpLead(byte: number): boolean {
  return byte === 0x8e || byte === 0x8f || (byte > 0xa0 && byte < 0xff);
}

function isShiftJisLead(byte: number): boolean {
  return (byte > 0x80 && byte < 0xa0) || (byte > 0xdf && byte < 0xfd);
}

/** Bytes of the character at the index; too many when the bytes end within it. */
function sequenceLength(family: Family, bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i] ?? 0;
  if (!family.isLead(lead)) return 1;
  const trail = bytes[i + 1] ?? 0;
  if (i + 1 === end) return 2;
  if (family.hasFour && isDigit(trail)) return mayBeFour(bytes, i, end) ? 4 : 1;
  // An ASCII byte that cannot follow is a character of its own after an invalid one.
  if (trail < family.leastTrail && trail < 0x80) return 1;
  return lead === family.leadOfThree && trail > 0xa0 && trail < 0xff ? 3 : 2;
}

/** Whether the third and fourth byte continue as the first two began, as far as they are there. */
function mayBeFour(bytes: Uint8Array, i: number, end: number): boolean {
  if (i + 2 < end && !isHigh(bytes[i + 2] ?? 0)) return false;
  return i + 3 >= end || isDigit(bytes[i + 3] ?? 0);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
