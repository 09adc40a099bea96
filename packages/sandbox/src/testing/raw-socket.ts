import { randomBytes } from 'node:crypto';
import { RawClient } from './raw-client.ts';

export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** The last of its message; true when left out. */
  readonly isFinal?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly reserved?: number;
  /** Clients must; true when left out. */
  readonly isMasked?: boolean;
  /** What the header says, when it is not the length of the payload. */
  readonly claimedLength?: number;
}

/** One frame of RFC 6455 §5.2, right or wrong. */
export function encodeFrame(frame: RawFrame): Buffer {
  const { opcode, payload = '', isFinal = true, reserved = 0, isMasked = true } = frame;
  const bytes = Buffer.from(payload);
  const length = frame.claimedLength ?? bytes.length;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  const header =
    length < 126
      ? Buffer.from([first, maskBit | length])
      : length < 65_536
        ? Buffer.from([first, maskBit | 126, length >> 8, length & 255])
        : longHeader(first, maskBit, length);
  if (!isMasked) return Buffer.concat([header, bytes]);
  const mask = randomBytes(4);
  const masked = bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([header, mask, masked]);
}

function longHeader(first: number, maskBit: number, length: number): Buffer {
  const header = Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** The request that asks for a WebSocket. */
export function upgradeRequest(
  host: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all = {
    host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET / HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A client on a WebSocket connection that sends what a test wants, byte for byte. */
export async function openRawSocket(port: number, host: string): Promise<RawClient> {
  const client = new RawClient(port);
  client.send(upgradeRequest(host));
  await client.hears('\r\n\r\n');
  client.clear();
  return client;
}

/** The close code of the last frame that was heard, if it is a close frame of the server. */
export function closeCodeIn(client: RawClient): number | undefined {
  const bytes = Buffer.from(client.text, 'latin1');
  for (let at = 0; at + 1 < bytes.length;) {
    const opcode = (bytes[at] ?? 0) & 15;
    const short = (bytes[at + 1] ?? 0) & 127;
    const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    if (opcode === 8) return length < 2 ? 1005 : bytes.readUInt16BE(at + headerBytes);
    at += headerBytes + length;
  }
  return undefined;
}
