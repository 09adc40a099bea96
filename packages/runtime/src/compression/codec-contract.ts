/*
 * Codecs compress and decompress in the sandbox. They are used through host op `call` with the name
 * `codec`, the argument `<step> <codec id> <direction> <format>` and, for the step `write`, at most
 * `codecPieceBytes` of bytes. The first call of a codec makes it; ids grow. The answer is a number
 * and bytes: 0 when all of the input is done, 1 when the step `more` must follow before anything
 * else, 2 when it is to follow at once, because it will fail. The codecs of an event end with it.
 */
export type CodecStep = 'write' | 'end' | 'more';
export type CodecDirection = 'compress' | 'decompress';
/** https://compression.spec.whatwg.org/#supported-formats */
export const codecFormats = ['deflate', 'deflate-raw', 'gzip', 'brotli'] as const;
export type CodecFormat = (typeof codecFormats)[number];
export const codecPieceBytes = 256 * 1024;
const KiB = 1024;
/** What a codec counts for while it is open: its state, and the output that waits in it. */
const codecBytes: Readonly<Record<CodecDirection, number>> = {
  compress: 640 * KiB,
  decompress: 448 * KiB,
};
const brotliCodecBytes: Readonly<Record<CodecDirection, number>> = {
  compress: 4096 * KiB,
  decompress: 16_896 * KiB,
};
/** Of all open codecs of one isolate. */
export const openCodecBytes = 64 * 1024 * KiB;

export function codecSizeBytes(direction: CodecDirection, format: CodecFormat): number {
  return (format === 'brotli' ? brotliCodecBytes : codecBytes)[direction];
}
