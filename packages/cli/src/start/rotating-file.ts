import { mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface RotatingFileOptions {
  readonly path: string;
  /** Size at which the file becomes `<path>.1`. */
  readonly maxBytes: number;
  /** Older files kept: `<path>.1` to `<path>.<n>`. */
  readonly keptFiles: number;
}

const lineFeed = 10;

/**
 * A log file of bounded size. Chunks are written in order; a file ends at the end of a line. When
 * the disk refuses, lines are dropped and counted: a full disk must not stop the platform.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #file: FileHandle | undefined;
  #sizeBytes = 0;
  #droppedBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Resolves when the chunk is written or dropped; await it to not outrun the disk. */
  write(chunk: Uint8Array): Promise<void> {
    this.#last = this.#last.then(() => this.#write(chunk));
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    try {
      const file = (this.#file ??= await this.#open());
      const note = this.#droppedBytes === 0 ? '' : droppedNote(this.#droppedBytes);
      if (note !== '') await file.appendFile(note);
      await file.appendFile(chunk);
      this.#droppedBytes = 0;
      this.#sizeBytes += note.length + chunk.length;
      if (this.#sizeBytes >= this.#options.maxBytes && chunk.at(-1) === lineFeed) {
        await this.#rotate();
      }
    } catch {
      // Out of space or permissions: nobody is left to tell but the next line that gets through.
      this.#droppedBytes += chunk.length;
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
    }
  }

  async #open(): Promise<FileHandle> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    this.#sizeBytes = (await stat(path).catch(() => undefined))?.size ?? 0;
    return open(path, 'a', 0o600);
  }

  async #rotate(): Promise<void> {
    const { path, keptFiles } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    for (let number = keptFiles - 1; number >= 1; number -= 1) {
      await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(() => undefined); // not there yet
    }
    await rename(path, `${path}.1`);
  }
}

function droppedNote(bytes: number): string {
  return `${JSON.stringify({ level: 40, time: Date.now(), msg: 'log lines dropped', bytes })}\n`;
}
