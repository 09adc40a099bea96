import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { channelWindowBytes } from '@openworkers/runtime';
import type { ChannelRequest } from '../../engine/channels/channel-opener.ts';

/** What one step makes at most; a bomb costs its event as many steps as it has room for. */
const stepBytes = 64 * 1024;

export type ContentCoding = 'gzip' | 'deflate' | 'br';

/** Who gets the decoded bytes. */
export interface DecoderSink {
  /** `taken` must follow. */
  data(bytes: Uint8Array): void;
  end(): void;
  /** The bytes are not what the coding says. */
  error(message: string): void;
  /** So many bytes of the input are done with. */
  consumed(bytes: number): void;
}

/**
 * Undoes one content coding, step by step on another thread, at the cost of the event. It works
 * only while less than a window of its output waits to be taken, so that what a few bytes grow to
 * stays where it is until somebody wants it.
 */
export class BodyDecoder {
  readonly #coding: ContentCoding;
  readonly #runJob: ChannelRequest['runJob'];
  readonly #sink: DecoderSink;
  readonly #input: Uint8Array[] = [];
  #stream: Transform | undefined;
  #isInputEnded = false;
  #hasEndedStream = false;
  #isWriting = false;
  #isRunning = false;
  #isOver = false;
  #untakenBytes = 0;
  /** Wakes the step that waits for the thread. */
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #isDrained = false;

  constructor(coding: ContentCoding, runJob: ChannelRequest['runJob'], sink: DecoderSink) {
    this.#coding = coding;
    this.#runJob = runJob;
    this.#sink = sink;
  }

  write(bytes: Uint8Array): void {
    if (this.#isOver || bytes.length === 0) return;
    // A copy: it waits longer than the frame it came in.
    this.#input.push(new Uint8Array(bytes));
    this.#advance();
  }

  end(): void {
    this.#isInputEnded = true;
    this.#advance();
  }

  taken(bytes: number): void {
    this.#untakenBytes -= bytes;
    this.#advance();
  }

  destroy(): void {
    this.#isOver = true;
    this.#input.length = 0;
    this.#stream?.destroy();
  }

  #advance(): void {
    if (this.#isOver || this.#isRunning || this.#untakenBytes >= channelWindowBytes) return;
    if (this.#stream === undefined && this.#input.length === 0) {
      // Nothing at all is nothing in any coding.
      if (this.#isInputEnded) this.#finish();
      return;
    }
    if (!this.#hasWork()) return;
    this.#isRunning = true;
    const isAccepted = this.#runJob({
      sizeBytes: stepBytes,
      run: () => this.#step(),
      onResult: (bytes) => this.#stepped(bytes),
      onError: () => this.#fail('the response body cannot be decoded'),
    });
    if (!isAccepted) this.#fail('too much is being decoded at once');
  }

  #hasWork(): boolean {
    if (this.#isWriting || this.#input.length > 0) return true;
    if ((this.#stream?.readableLength ?? 0) > 0) return true;
    return this.#isInputEnded && !this.#isDrained;
  }

  /** Takes what the last step made, and keeps the thread busy until there is something new. */
  async #step(): Promise<Uint8Array | undefined> {
    const stream = (this.#stream ??= this.#open());
    // Reading is what lets the decoder go on with the next piece.
    const made: unknown = stream.read();
    if (!this.#isWriting) this.#feed(stream);
    const isIdle = !this.#isWriting && !(this.#hasEndedStream && !this.#isDrained);
    if (!isIdle && stream.readableLength === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#failure !== undefined) resolve();
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    return made instanceof Uint8Array ? made : undefined;
  }

  #feed(stream: Transform): void {
    const piece = this.#input.shift();
    if (piece !== undefined) {
      this.#isWriting = true;
      stream.write(piece, () => {
        this.#isWriting = false;
        this.#wakeUp();
        if (!this.#isOver) this.#sink.consumed(piece.length);
      });
    } else if (this.#isInputEnded && !this.#hasEndedStream) {
      this.#hasEndedStream = true;
      stream.end();
    }
  }

  #stepped(bytes: Uint8Array | undefined): void {
    this.#isRunning = false;
    if (this.#isOver) return;
    if (bytes !== undefined && bytes.length > 0) {
      this.#untakenBytes += bytes.length;
      this.#sink.data(bytes);
    }
    if (this.#isDrained && (this.#stream?.readableLength ?? 0) === 0) this.#finish();
    else this.#advance();
  }

  #open(): Transform {
    const stream = decoderFor(this.#coding, this.#input[0]);
    stream.on('readable', () => this.#wakeUp());
    stream.on('end', () => {
      this.#isDrained = true;
      this.#wakeUp();
    });
    stream.on('error', (error) => {
      this.#failure = error;
      this.#isWriting = false;
      this.#wakeUp();
    });
    return stream;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.destroy();
    this.#sink.end();
  }

  #fail(message: string): void {
    this.#isRunning = false;
    if (this.#isOver) return;
    this.destroy();
    this.#sink.error(message);
  }
}

function decoderFor(coding: ContentCoding, first: Uint8Array | undefined): Transform {
  // One piece at a time: what is not read yet keeps the decoder from making more.
  const options = { chunkSize: stepBytes, readableHighWaterMark: 1 };
  switch (coding) {
    case 'gzip':
      return createGunzip(options);
    case 'br':
      return createBrotliDecompress(options);
    default:
      // Some servers leave out the frame that RFC 9110 §8.4.1.2 asks for.
      return ((first?.[0] ?? 0) & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options);
  }
}
