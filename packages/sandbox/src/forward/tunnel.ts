import type { Duplex } from 'node:stream';
import { streamWindowBytes, type PipeStream } from '../protocol/pipe-stream.ts';

/** Carries the bytes of a client's connection to the sandbox that speaks WebSocket on it, and back. */
export class Tunnel {
  readonly #client: Duplex;
  readonly #stream: PipeStream;
  #unsentBytes = 0;

  constructor(client: Duplex, stream: PipeStream) {
    this.#client = client;
    this.#stream = stream;
    client.on('data', (bytes: Buffer) => this.#onData(bytes));
    client.on('end', () => stream.end());
    // `close` follows and does the rest.
    client.on('error', () => undefined);
    client.on('close', () => stream.leave());
  }

  /** Bytes for the client. */
  data(bytes: Uint8Array): void {
    this.#client.write(bytes, () => this.#stream.grant(bytes.length));
  }

  /** Nothing follows: the connection ends when the client has it all. */
  end(): void {
    this.#client.end(() => this.#client.destroy());
  }

  abort(): void {
    this.#client.destroy();
  }

  /** So many bytes of the client have left. */
  sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    if (this.#unsentBytes < streamWindowBytes) this.#client.resume();
  }

  #onData(bytes: Buffer): void {
    this.#unsentBytes += bytes.length;
    if (this.#unsentBytes >= streamWindowBytes) this.#client.pause();
    this.#stream.send(bytes);
  }
}
