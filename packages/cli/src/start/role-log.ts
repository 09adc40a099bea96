import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { LinePrinter } from './line-printer.ts';
import { RotatingFile } from './rotating-file.ts';

const maxFileBytes = 10 * 1024 * 1024;
const keptFiles = 4;
/** A line without an end is not kept waiting beyond this. */
const maxLineBytes = 64 * 1024;
const maxTailBytes = 4096;

/** What one role says: all of it to `<data folder>/logs/<role>.log`, the rest to the terminal. */
export class RoleLog {
  readonly role: string;
  readonly path: string;
  readonly #file: RotatingFile;
  readonly #printer: LinePrinter;
  readonly #followed: Promise<void>[] = [];

  constructor(role: string, options: { folder: string; printer: LinePrinter }) {
    this.role = role;
    this.#printer = options.printer;
    this.path = join(options.folder, `${role}.log`);
    this.#file = new RotatingFile({ path: this.path, maxBytes: maxFileBytes, keptFiles });
  }

  /** Takes one whole line with its line feed; resolves when it is on disk. */
  write(line: string): Promise<void> {
    this.#printer.print(this.role, line.trimEnd());
    return this.#file.write(Buffer.from(line));
  }

  /**
   * Copies what a process prints until it ends, no faster than the disk takes it.
   * Answers a function for the last of it, at most 4 KiB.
   */
  follow(stream: Readable): () => string {
    let tail = Buffer.alloc(0);
    const keep = (chunk: Buffer): void => {
      tail = Buffer.concat([tail, chunk]).subarray(-maxTailBytes);
    };
    this.#followed.push(this.#copy(stream, keep));
    return () => tail.toString('utf8');
  }

  /** Waits for the ends of what is followed and closes the file. */
  async close(): Promise<void> {
    await Promise.all(this.#followed);
    await this.#file.close();
  }

  async #copy(stream: Readable, keep: (chunk: Buffer) => void): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of stream) {
        if (!(chunk instanceof Buffer)) continue;
        keep(chunk);
        await this.#file.write(chunk);
        if (rest === '' && !this.#printer.wants(chunk)) continue;
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = (lines.pop() ?? '').slice(0, maxLineBytes);
        for (const line of lines) this.#printer.print(this.role, line);
      }
    } catch {
      // The pipe broke with its process, whose end is noticed elsewhere.
    }
    if (rest !== '') this.#printer.print(this.role, rest);
  }
}
