import { promiseResolvedWith, react } from '../safe-promise.ts';

interface PullLoopInit {
  /** Undefined, or an undefined result, is done at once. */
  readonly pull: (() => Promise<unknown> | undefined) | undefined;
  readonly shouldPull: () => boolean;
  readonly onError: (reason: unknown) => void;
}

/** Calls a source's `pull` while the stream wants more, one call at a time, once it has started. */
export class PullLoop {
  #pull: PullLoopInit['pull'];
  readonly #shouldPull: () => boolean;
  readonly #onError: (reason: unknown) => void;
  #isStarted = false;
  #isPulling = false;
  #pullAgain = false;

  constructor({ pull, shouldPull, onError }: PullLoopInit) {
    this.#pull = pull;
    this.#shouldPull = shouldPull;
    this.#onError = onError;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Pulls when the result of the start algorithm, promise or not, has settled. */
  start(result: unknown): void {
    react(promiseResolvedWith(result), () => this.startNow(), this.#onError);
  }

  startNow(): void {
    this.#isStarted = true;
    this.pullIfNeeded();
  }

  /** The source is not asked again. */
  stop(): void {
    this.#pull = undefined;
  }

  pullIfNeeded(): void {
    if (!this.#isStarted) return;
    const shouldPull = this.#shouldPull;
    if (this.#isPulling) {
      this.#pullAgain ||= shouldPull();
      return;
    }
    while (shouldPull()) {
      this.#isPulling = true;
      this.#pullAgain = false;
      const pull = this.#pull;
      const result = pull?.();
      if (result !== undefined) {
        react(result, () => this.#pulled(), this.#onError);
        return;
      }
      this.#isPulling = false;
      // TypeScript does not see that `pull` may have come back here.
      if (!(this.#pullAgain as boolean)) return;
    }
  }

  #pulled(): void {
    this.#isPulling = false;
    if (this.#pullAgain) this.pullIfNeeded();
  }
}
