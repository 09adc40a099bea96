import type { RequestBodySink, RequestBodySource } from '../engine/worker-engine.ts';

/** What feeds a {@link BodyQueue}: a client's connection, or a stream of the pipe. */
export interface BodyFeed {
  /** The worker has taken so many bytes. */
  taken?(bytes: number): void;
  /** The worker waits and nothing is queued: more may come. */
  resume(): void;
  /** Enough is queued for now. */
  pause(): void;
  /** The worker does not want the rest. */
  cancelled(): void;
}

/**
 * A request body between whoever sends it and a worker that pulls it: never hands on more than was
 * asked for. Whoever feeds it stops between `pause` and `resume`, so that what waits here is at most
 * one piece of theirs.
 */
export class BodyQueue implements RequestBodySource {
  readonly #feed: BodyFeed;
  #pieces: Uint8Array[] = [];
  #sink: RequestBodySink | undefined;
  #wanted = 0;
  #isComplete = false;
  #isOver = false;
  #brokenBy: 'aborted' | 'timeout' | 'too_large' | undefined;

  constructor(feed: BodyFeed) {
    this.#feed = feed;
  }

  /** The worker waits for bytes that have not come. */
  get isWaiting(): boolean {
    return this.#wanted > 0 && !this.#isOver && !this.#isComplete;
  }

  start(sink: RequestBodySink): void {
    this.#sink = sink;
    this.#deliver();
  }

  pull(bytes: number): void {
    this.#wanted += bytes;
    this.#deliver();
    if (this.isWaiting) this.#feed.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pieces = [];
    this.#feed.cancelled();
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver || bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#deliver();
    if (!this.isWaiting) this.#feed.pause();
  }

  complete(): void {
    this.#isComplete = true;
    this.#deliver();
  }

  /** The body will not be complete; what is queued is dropped. */
  break(reason: 'aborted' | 'timeout' | 'too_large'): void {
    if (this.#isOver || this.#brokenBy !== undefined) return;
    this.#brokenBy = reason;
    this.#pieces = [];
    this.#deliver();
  }

  #deliver(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#isOver) return;
    while (this.#wanted > 0) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      const now = piece.length <= this.#wanted ? piece : piece.subarray(0, this.#wanted);
      if (now !== piece) this.#pieces.unshift(piece.subarray(now.length));
      this.#wanted -= now.length;
      sink.chunk(now);
      this.#feed.taken?.(now.length);
    }
    // The worker may have cancelled while it was given a piece.
    if (this.#isFinished()) return;
    if (this.#brokenBy !== undefined) {
      this.#isOver = true;
      sink.error(this.#brokenBy);
    } else if (this.#isComplete && this.#pieces.length === 0) {
      this.#isOver = true;
      sink.end();
    }
  }

  #isFinished(): boolean {
    return this.#isOver;
  }
}
