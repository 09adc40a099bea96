import { newList } from '../primordials.ts';
import { eventsModule } from '../lazy/lazy-modules.ts';
import type { AbortSignal } from './abort-signal.ts';
import { AbortState } from './abort-state.ts';

/** A signal that is made when somebody looks at it, which few workers do. */
export class LazyAbortSignal {
  readonly #source: AbortState | LazyAbortSignal | undefined;
  #state: AbortState | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;

  /** @param source Aborts this one, too. */
  constructor(source: AbortState | LazyAbortSignal | undefined) {
    this.#source = source;
  }

  get state(): AbortState {
    if (this.#state === undefined) {
      this.#state = new AbortState();
      this.#follow(this.#state);
    }
    return this.#state;
  }

  /** Always the same object. */
  get signal(): AbortSignal {
    this.#signal ??= new eventsModule.value.AbortSignal(this.state);
    return this.#signal;
  }

  abort(reason: unknown): void {
    this.state.abort(reason);
  }

  #follow(state: AbortState): void {
    if (this.#source === undefined) return;
    const sources = newList<AbortState>();
    sources[0] = this.#source instanceof AbortState ? this.#source : this.#source.state;
    state.follow(sources);
  }
}
