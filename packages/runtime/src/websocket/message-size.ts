import { ArrayBufferPrototypeByteLength, StringPrototypeCharCodeAt } from '../primordials.ts';
import type { SocketMessage } from './socket-end.ts';

/** Bytes on the wire, as `bufferedAmount` counts them. */
export function messageSize(data: SocketMessage): number {
  return typeof data === 'string' ? utf8Length(data) : ArrayBufferPrototypeByteLength(data);
}

/** Length in UTF-8 of a string without lone surrogates. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for two of its four bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}
