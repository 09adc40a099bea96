import { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer } from 'buffer/';

const MAX_STRING_LENGTH = 0x1fffffe8;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const fatalDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/* The library lacks base64url, and converts with JavaScript what the engine does natively. */

type Bytes = Uint8Array<ArrayBuffer>;
const { prototype } = Buffer;
const library = {
  from: Buffer.from.bind(Buffer) as (...args: unknown[]) => Buffer,
  alloc: Buffer.alloc.bind(Buffer) as (...args: unknown[]) => Buffer,
  byteLength: Buffer.byteLength.bind(Buffer) as (...args: unknown[]) => number,
  isEncoding: Buffer.isEncoding.bind(Buffer),
  // Called with their `this` below.
  // oxlint-disable-next-line typescript/unbound-method
  toString: prototype.toString as (...args: unknown[]) => string,
  // oxlint-disable-next-line typescript/unbound-method
  write: prototype.write as (...args: unknown[]) => number,
  // oxlint-disable-next-line typescript/unbound-method
  fill: prototype.fill as (...args: unknown[]) => Buffer,
  // oxlint-disable-next-line typescript/unbound-method
  indexOf: prototype.indexOf as (...args: unknown[]) => number,
  // oxlint-disable-next-line typescript/unbound-method
  lastIndexOf: prototype.lastIndexOf as (...args: unknown[]) => number,
  // oxlint-disable-next-line typescript/unbound-method
  includes: prototype.includes as (...args: unknown[]) => boolean,
};

function isUrlEncoding(value: unknown): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'base64url';
}

/** The library reads both alphabets of base64. */
function known(value: unknown): unknown {
  return isUrlEncoding(value) ? 'base64' : value;
}

function withKnownEncodings(args: readonly unknown[]): unknown[] {
  // The first is data, never an encoding.
  return args.map((value, index) => (index === 0 ? value : known(value)));
}

function asBuffer(bytes: Bytes): Buffer {
  return Object.setPrototypeOf(bytes, prototype) as Buffer;
}

function isUtf8Encoding(encoding: unknown): boolean {
  return encoding === undefined || encoding === '' || encoding === 'utf8' || encoding === 'utf-8';
}

function toText(this: Uint8Array, ...[encoding, from, to]: unknown[]): string {
  const name = typeof encoding === 'string' ? encoding.toLowerCase() : encoding;
  const isNative = isUtf8Encoding(name) || ['hex', 'base64', 'base64url'].includes(String(name));
  if (!isNative) return library.toString.call(this, encoding, from, to);
  const start = Math.max(0, Number(from ?? 0) | 0);
  const end = Math.min(this.length, to === undefined ? this.length : Number(to) | 0);
  if (end <= start) return '';
  const bytes = new Uint8Array(this.buffer, this.byteOffset + start, end - start);
  if (name === 'hex') return bytes.toHex();
  if (name === 'base64') return bytes.toBase64();
  if (name === 'base64url') return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
  return decoder.decode(bytes);
}

function define(target: object, methods: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

define(Buffer, {
  from(value: unknown, ...rest: unknown[]): Buffer {
    if (typeof value === 'string' && isUtf8Encoding(rest[0]))
      return asBuffer(encoder.encode(value));
    return library.from(...withKnownEncodings([value, ...rest]));
  },
  alloc: (...args: unknown[]): Buffer => library.alloc(...withKnownEncodings(args)),
  byteLength: (...args: unknown[]): number => library.byteLength(...withKnownEncodings(args)),
  isEncoding: (name: string): boolean => isUrlEncoding(name) || library.isEncoding(name),
  copyBytesFrom(view: ArrayBufferView, offset = 0, length?: number): Buffer {
    const size = 'BYTES_PER_ELEMENT' in view ? Number(view.BYTES_PER_ELEMENT) : 1;
    const start = view.byteOffset + offset * size;
    const rest = Math.max(0, view.byteLength - offset * size);
    const bytes = length === undefined ? rest : Math.min(rest, length * size);
    return asBuffer(new Uint8Array(view.buffer, start, bytes).slice() as Bytes);
  },
});
define(prototype, {
  toString: toText,
  toLocaleString: toText,
  write(this: Buffer, ...args: unknown[]): number {
    return library.write.apply(this, withKnownEncodings(args));
  },
  fill(this: Buffer, ...args: unknown[]): Buffer {
    return library.fill.apply(this, withKnownEncodings(args));
  },
  indexOf(this: Buffer, ...args: unknown[]): number {
    return library.indexOf.apply(this, withKnownEncodings(args));
  },
  lastIndexOf(this: Buffer, ...args: unknown[]): number {
    return library.lastIndexOf.apply(this, withKnownEncodings(args));
  },
  includes(this: Buffer, ...args: unknown[]): boolean {
    return library.includes.apply(this, withKnownEncodings(args));
  },
});

function viewOf(input: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(input)
    ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    : new Uint8Array(input);
}

export function isAscii(input: ArrayBuffer | ArrayBufferView): boolean {
  return viewOf(input).every((byte) => byte < 128);
}

export function isUtf8(input: ArrayBuffer | ArrayBufferView): boolean {
  try {
    fatalDecoder.decode(viewOf(input));
    return true;
  } catch {
    // Not UTF-8.
    return false;
  }
}

export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH };
export const kStringMaxLength = MAX_STRING_LENGTH;
export { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer };
export const { atob, Blob, btoa, File } = globalThis;
