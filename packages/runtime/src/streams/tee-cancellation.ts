import { Deferred, react } from '../safe-promise.ts';
import type { ReadableState } from './readable-state.ts';

/** One of the two ends of a tee, as far as cancelling it goes. */
export interface TeeEnd {
  isCancelled: boolean;
  reason: unknown;
}

/** Cancels the source of a tee when both of its branches are. */
export class TeeCancellation {
  readonly first: TeeEnd = { isCancelled: false, reason: undefined };
  readonly second: TeeEnd = { isCancelled: false, reason: undefined };
  readonly #source: ReadableState;
  readonly #done = new Deferred<undefined>();

  constructor(source: ReadableState) {
    this.#source = source;
  }

  get areBothCancelled(): boolean {
    return this.first.isCancelled && this.second.isCancelled;
  }

  cancel(end: TeeEnd, reason: unknown): Promise<undefined> {
    end.isCancelled = true;
    end.reason = reason;
    if (this.areBothCancelled) this.cancelSource([this.first.reason, this.second.reason]);
    return this.#done.promise;
  }

  cancelSource(reason: unknown): void {
    react(
      this.#source.cancel(reason),
      () => this.#done.resolve(undefined),
      (error) => this.#done.reject(error),
    );
  }

  /** The source has ended by itself: who cancels a branch needs not wait for the other. */
  sourceEnded(): void {
    if (!this.areBothCancelled) this.#done.resolve(undefined);
  }
}
