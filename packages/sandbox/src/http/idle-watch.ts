/** A connection that may have become idle; see {@link IdleWatch}. */
export interface IdleCandidate {
  /** The step at which it became idle, or undefined when it is busy again. */
  readonly idleSinceStep: number | undefined;
  confirmIdle(): void;
}

const stepMs = 5;
const ripeAfterSteps = 2;

/**
 * Tells when connections have been idle for 5 to 10 ms. Between two requests of a client that does
 * not pause there is nothing to report then, which saves two writes to the pipe for each request;
 * and if this process dies in that moment, such a client is cut off rather than kept waiting for the
 * answer to a request that was just read.
 */
export class IdleWatch {
  #candidates = new Set<IdleCandidate>();
  #timer: NodeJS.Timeout | undefined;
  #step = 0;

  get step(): number {
    return this.#step;
  }

  /** The connection has just become idle. */
  add(candidate: IdleCandidate): void {
    this.#candidates.add(candidate);
    this.#timer ??= setInterval(() => this.#onStep(), stepMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#candidates.clear();
  }

  #onStep(): void {
    this.#step += 1;
    for (const candidate of this.#candidates) {
      const since = candidate.idleSinceStep;
      if (since !== undefined && this.#step - since < ripeAfterSteps) continue;
      this.#candidates.delete(candidate);
      if (since !== undefined) candidate.confirmIdle();
    }
    if (this.#candidates.size === 0) this.stop();
  }
}
