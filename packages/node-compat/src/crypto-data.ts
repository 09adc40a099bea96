import { Buffer } from './modules/buffer.ts';

export type Data = string | ArrayBuffer | ArrayBufferView;

/** The bytes themselves, not a copy, unless the data is text. */
export function toBytes(data: Data, encoding?: string): Uint8Array {
  if (typeof data === 'string') {
    // `buffer` is what a stream says of bytes.
    return Buffer.from(data, encoding === 'buffer' ? 'utf8' : (encoding as BufferEncoding));
  }
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const error = new TypeError('The data must be a string, a Buffer, a TypedArray or a DataView');
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}
