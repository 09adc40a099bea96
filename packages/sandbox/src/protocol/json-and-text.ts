import { ProtocolError } from './protocol-error.ts';

/** A JSON message followed by a zero byte and a long text (code, or the runtime script). */
export function encodeJsonAndText(message: unknown, text: string): Buffer {
  const json = JSON.stringify(message);
  const jsonBytes = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(jsonBytes + 1 + Buffer.byteLength(text));
  bytes.write(json, 0);
  bytes.writeUInt8(0, jsonBytes);
  bytes.write(text, jsonBytes + 1);
  return bytes;
}

/**
 * The parts of {@link encodeJsonAndText}. Only the runner sends such frames, and the sandbox trusts
 * it: the caller names the type, nothing is checked.
 *
 * @throws ProtocolError when the separator is missing
 */
export function decodeJsonAndText(payload: Buffer): { message: unknown; text: string } {
  const separator = payload.indexOf(0);
  if (separator < 0) throw new ProtocolError('a message lacks its text');
  const message: unknown = JSON.parse(payload.toString('utf8', 0, separator));
  return { message, text: payload.toString('utf8', separator + 1) };
}
