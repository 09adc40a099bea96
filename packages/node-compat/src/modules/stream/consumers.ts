import { Buffer } from '../buffer.ts';

type Chunks = AsyncIterable<string | Uint8Array>;

export async function buffer(stream: Chunks): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) {
    pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  }
  return Buffer.concat(pieces);
}

export async function arrayBuffer(stream: Chunks): Promise<ArrayBufferLike> {
  return (await bytes(stream)).buffer;
}

export async function bytes(stream: Chunks): Promise<Uint8Array> {
  return Uint8Array.from(await buffer(stream));
}

export async function blob(stream: Chunks): Promise<Blob> {
  return new Blob([Uint8Array.from(await buffer(stream))]);
}

export async function text(stream: Chunks): Promise<string> {
  return new TextDecoder().decode(await buffer(stream));
}

export async function json(stream: Chunks): Promise<unknown> {
  return JSON.parse(await text(stream));
}
