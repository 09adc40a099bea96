import type { Duplex } from 'node:stream';
import { FrameParser, frameHeaderBytes, type FrameHandler } from './frame-parser.ts';
import { ProtocolError } from './protocol-error.ts';
import type { FrameType } from './messages.ts';

const MiB = 1024 * 1024;

/** Longest payload of one frame, in bytes, by who sends it. */
export const maxFrameBytes = { fromSandbox: MiB, fromRunner: 16 * MiB } as const;

/** Payloads up to this size are copied next to their header; longer ones are written as they are. */
const copiedPayloadBytes = 4096;
const congestedBytes = 4 * MiB;
const defaultMaxQueuedBytes = 64 * MiB;
const noBytes = Buffer.alloc(0);

export interface FramedPipeOptions {
  /** A two-way byte stream that nobody else uses; the pipe owns it. */
  readonly stream: Duplex;
  /** Longest payload the peer may send; see {@link maxFrameBytes}. */
  readonly maxIncomingBytes: number;
  /** Bytes that may wait for the peer before it counts as dead; 64 MiB when left out. */
  readonly maxQueuedBytes?: number;
  /** Throwing from here closes the pipe with that error. The payload may be a view of a larger buffer. */
  readonly onFrame: FrameHandler;
  /** Called once, with the reason unless the peer ended or `close` was called without one. */
  readonly onClose: (error?: Error) => void;
  /** The queue has emptied after `send` answered false. */
  readonly onDrain?: () => void;
}

/**
 * The private pipe between runner and sandbox: length-prefixed frames over one stream. Frames sent
 * in one turn of the event loop leave in one write. What the peer does not read is queued up to a
 * bound, after which the pipe closes: neither side can make the other run out of memory.
 */
export class FramedPipe {
  readonly #stream: Duplex;
  readonly #maxQueuedBytes: number;
  readonly #onClose: (error?: Error) => void;
  readonly #flush = (): void => this.flush();
  #isCorked = false;
  #isClosed = false;

  constructor(options: FramedPipeOptions) {
    this.#stream = options.stream;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? defaultMaxQueuedBytes;
    this.#onClose = options.onClose;
    const parser = new FrameParser({
      maxPayloadBytes: options.maxIncomingBytes,
      onFrame: (type, id, payload) => {
        if (!this.#isClosed) options.onFrame(type, id, payload);
      },
    });
    this.#stream.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        this.close(error instanceof Error ? error : new ProtocolError(String(error)));
      }
    });
    this.#stream.on('error', (error) => this.close(error));
    this.#stream.on('close', () => this.close());
    this.#stream.on('end', () => this.close());
    this.#stream.on('drain', () => options.onDrain?.());
  }

  /**
   * Queues one frame. Answers false while much is waiting for the peer: well-behaved senders then
   * hold back until `onDrain`. After `close` it does nothing.
   */
  send(type: FrameType, id: number, payload: Uint8Array | string = noBytes): boolean {
    if (this.#isClosed) return false;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    this.#cork();
    if (bytes.length <= copiedPayloadBytes) {
      const frame = Buffer.allocUnsafe(frameHeaderBytes + bytes.length);
      writeHeader(frame, { length: bytes.length, type, id });
      frame.set(bytes, frameHeaderBytes);
      this.#stream.write(frame);
    } else {
      const header = Buffer.allocUnsafe(frameHeaderBytes);
      writeHeader(header, { length: bytes.length, type, id });
      this.#stream.write(header);
      this.#stream.write(bytes);
    }
    if (this.#stream.writableLength > this.#maxQueuedBytes) {
      this.close(new ProtocolError('the peer does not read'));
    }
    return !this.isCongested;
  }

  sendJson(type: FrameType, id: number, value: unknown): boolean {
    return this.send(type, id, JSON.stringify(value));
  }

  get isCongested(): boolean {
    return this.#stream.writableLength > congestedBytes;
  }

  /** Hands everything queued in this turn to the operating system now. */
  flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    if (!this.#isClosed) this.#stream.uncork();
  }

  /** Flushes, and calls back (at once where possible) when the peer's kernel buffer has it all. */
  flushThen(callback: () => void): void {
    this.flush();
    if (this.#isClosed || this.#stream.writableLength === 0) callback();
    else this.#stream.write(noBytes, () => callback());
  }

  /** Ends the pipe at once; frames still queued are lost. */
  close(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.destroy();
    this.#onClose(error);
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(this.#flush);
  }
}

function writeHeader(
  target: Buffer,
  { length, type, id }: { length: number; type: FrameType; id: number },
): void {
  target.writeUInt32LE(length, 0);
  target.writeUInt8(type, 4);
  target.writeUInt32LE(id, 5);
}
