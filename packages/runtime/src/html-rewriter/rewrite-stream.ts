import { encodeUtf8 } from '../encoding/utf8-encode.ts';
import type { Bytes } from '../fetch/body.ts';
import { TypedArrayPrototypeByteLength, TypeError } from '../primordials.ts';
import { markHandled } from '../safe-promise.ts';
import { closeByteStream, createByteReadable } from '../streams/create-readable.ts';
import type { ByteController } from '../streams/byte-controller.ts';
import { ReadLoop } from '../streams/read-loop.ts';
import type { ChunkConsumer } from '../streams/read-loop.ts';
import type { ReadableState } from '../streams/readable-state.ts';
import { ReadableStream, readableStateOf } from '../streams/readable-stream.ts';
import { copyBytes, isUint8Array } from '../webidl/buffer-source.ts';
import { viewOf } from './bytes.ts';
import type { DocumentEncoding } from './document-encoding.ts';
import { Rewriter } from './rewriter.ts';
import type { RewriterOwner } from './rewriter.ts';
import type { Rules } from './rules.ts';

/** Bytes handled at once: what comes of them is held until somebody takes it. */
const pieceBytes = 65_536;

interface Rewriting {
  readonly rules: Rules;
  readonly encoding: DocumentEncoding;
}

/** The stream, which is locked from now on, with its document rewritten as it is read. */
export function rewriteStream(source: ReadableStream, rewriting: Rewriting): ReadableStream {
  return new ReadableStream(new RewrittenBody(readableStateOf(source), rewriting).stream);
}

class RewrittenBody implements ChunkConsumer, RewriterOwner {
  readonly stream: ReadableState;
  readonly #controller: ByteController;
  readonly #loop: ReadLoop;
  readonly #rewriter: Rewriter;
  /** What came and is not handled yet. */
  #bytes: Bytes | undefined = undefined;
  #offset = 0;
  /** Somebody waits for bytes. */
  #isWanted = false;
  /** The source is read, or a piece is with the handlers. */
  #isBusy = false;
  #hasEnded = false;
  #isOver = false;

  constructor(source: ReadableState, { rules, encoding }: Rewriting) {
    const { stream, controller } = createByteReadable({
      pull: () => {
        this.#isWanted = true;
        this.#work();
        return undefined;
      },
      cancel: (reason) => {
        this.#stop();
        return this.#loop.cancel(reason);
      },
    });
    this.stream = stream;
    this.#controller = controller;
    this.#rewriter = new Rewriter(rules, encoding, this);
    this.#loop = new ReadLoop(source, this);
    source.isDisturbed = true;
    controller.startNow();
  }

  // What the source says.

  chunk(chunk: unknown): boolean {
    if (this.#isOver) return false;
    const bytes = typeof chunk === 'string' ? encodeUtf8(chunk) : chunk;
    if (!isUint8Array(bytes)) {
      this.failed(new TypeError('A chunk of the body to rewrite is not a Uint8Array'));
      return false;
    }
    // Handlers may take their time, and whoever made the chunk may change it meanwhile.
    this.#bytes = copyBytes(bytes);
    this.#offset = 0;
    this.#isBusy = false;
    this.#work();
    return false;
  }

  end(): void {
    if (this.#isOver) return;
    this.#hasEnded = true;
    this.#rewriter.end();
  }

  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#stop();
    this.#controller.error(reason);
  }

  // What the rewriter says.

  needsMore(output: Bytes | undefined): void {
    this.#isBusy = false;
    if (output !== undefined) {
      this.#isWanted = false;
      this.#controller.enqueue(output);
    }
    this.#work();
  }

  ended(output: Bytes | undefined): void {
    this.#isOver = true;
    if (output !== undefined) this.#controller.enqueue(output);
    closeByteStream(this.#controller);
  }

  failed(reason: unknown): void {
    if (this.#isOver) return;
    this.#stop();
    if (!this.#hasEnded) markHandled(this.#loop.cancel(reason));
    this.#controller.error(reason);
  }

  /** Handles the next piece, or reads one. */
  #work(): void {
    if (!this.#isWanted || this.#isBusy || this.#isOver || this.#hasEnded) return;
    this.#isBusy = true;
    const bytes = this.#bytes;
    const length = bytes === undefined ? 0 : TypedArrayPrototypeByteLength(bytes);
    if (bytes === undefined || this.#offset >= length) {
      this.#bytes = undefined;
      this.#loop.resume();
      return;
    }
    const start = this.#offset;
    this.#offset = start + pieceBytes < length ? start + pieceBytes : length;
    this.#rewriter.write(viewOf(bytes, start, this.#offset));
  }

  #stop(): void {
    this.#isOver = true;
    this.#rewriter.stop();
  }
}
