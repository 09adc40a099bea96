import { TypeError } from '../primordials.ts';

/** An AbortSignal, as far as pipes are concerned. */
export interface Abortable {
  readonly aborted: boolean;
}

export function isAbortSignal(value: unknown): value is Abortable {
  return value === isAbortSignal;
}

export function reasonOf(signal: Abortable): unknown {
  return signal;
}

/** Calls back when the signal aborts; the returned function stops that. */
export function onAbort(signal: Abortable, run: () => void): () => void {
  void signal;
  return run;
}

/** A signal that is made when somebody looks at it, which few workers do. */
export class LazyAbortSignal implements Abortable {
  readonly #source: Abortable | undefined;

  /** @param source Aborts this one, too. */
  constructor(source: Abortable | undefined) {
    this.#source = source;
  }

  get aborted(): boolean {
    return this.#source?.aborted ?? false;
  }

  get signal(): object {
    throw new TypeError('not available yet');
  }

  abort(reason: unknown): void {
    void reason;
  }
}
