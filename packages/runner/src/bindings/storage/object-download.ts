import type { Readable } from 'node:stream';
import { streamWindowBytes, type PipeChannel } from '@openworkers/sandbox';

/** The content of an object on its way into a channel, as fast as it is taken. */
export class ObjectDownload {
  readonly #body: Readable;
  readonly #over = Promise.withResolvers<void>();
  #unsentBytes = 0;

  constructor(channel: PipeChannel, body: Readable) {
    this.#body = body;
    body.on('data', (chunk: Buffer) => {
      this.#unsentBytes += chunk.length;
      channel.send(chunk);
      if (this.#unsentBytes >= streamWindowBytes) body.pause();
    });
    body.once('end', () => channel.end());
    body.once('error', (error) => this.#over.reject(error));
    body.once('close', () => this.#over.resolve());
  }

  /** When nothing more is read. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Ends without a word. */
  stop(): void {
    this.#body.destroy();
  }

  sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    if (this.#unsentBytes < streamWindowBytes) this.#body.resume();
  }
}
