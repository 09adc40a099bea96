import { write, writeSync } from 'node:fs';

export interface BufferedOutputOptions {
  readonly fileDescriptor: number;
  /** Bytes (as UTF-16 units) that may wait for a slow reader; further lines are dropped. */
  readonly maxWaiting?: number;
}

const writeAtOnce = 128 * 1024;
const flushAfterMs = 50;

/**
 * Lines written in batches, off the event loop: standard output is often a pipe, and a write to a
 * full pipe would stop the whole process.
 */
export class BufferedOutput {
  readonly #fileDescriptor: number;
  readonly #maxWaiting: number;
  #lines: string[] = [];
  #waiting = 0;
  #dropped = 0;
  #isWriting = false;
  readonly #onWritten: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ fileDescriptor, maxWaiting = 16 * 1024 * 1024 }: BufferedOutputOptions) {
    this.#fileDescriptor = fileDescriptor;
    this.#maxWaiting = maxWaiting;
  }

  /** Lines lost because the reader was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#waiting + line.length > this.#maxWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.length;
    this.#flushSoon();
  }

  /** Resolves when everything written so far has left, or could not. */
  async drain(): Promise<void> {
    while (this.#waiting > 0 || this.#isWriting) {
      if (!this.#isWriting) this.#flush();
      await new Promise<void>((resolve) => this.#onWritten.push(resolve));
    }
  }

  /** Writes what is left, waiting for the reader; for the end of the process. */
  flushSync(): void {
    clearTimeout(this.#timer);
    const text = this.#take();
    if (text === '') return;
    try {
      writeSync(this.#fileDescriptor, text);
    } catch {
      // Nobody reads any more, and there is no other place to say so.
    }
  }

  /** At once only when there is much: each write costs a round through the thread pool. */
  #flushSoon(): void {
    if (this.#isWriting || this.#waiting === 0) return;
    if (this.#waiting >= writeAtOnce) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushAfterMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#take();
    if (text === '') return;
    this.#isWriting = true;
    this.#writeAll(Buffer.from(text), 0);
  }

  #writeAll(bytes: Buffer, offset: number): void {
    write(this.#fileDescriptor, bytes, offset, (error, written) => {
      const isBroken = error !== null && error.code !== 'EAGAIN';
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeAll(bytes, offset), flushAfterMs);
      } else if (!isBroken && offset + written < bytes.length) {
        this.#writeAll(bytes, offset + written);
      } else {
        this.#isWriting = false;
        for (const resolve of this.#onWritten.splice(0)) resolve();
        this.#flushSoon();
      }
    });
  }

  #take(): string {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#waiting = 0;
    return text;
  }
}
