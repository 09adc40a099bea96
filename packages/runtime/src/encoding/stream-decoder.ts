/** Decodes bytes that arrive in pieces. */
export interface StreamDecoder {
  /**
   * Decodes what is certain by now, or everything when these are the last bytes.
   *
   * @param length Of the bytes, which are only read.
   * @returns Undefined when the bytes are invalid and the decoder is strict.
   */
  decode(bytes: Uint8Array, length: number, isLast: boolean): string | undefined;
}
