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

/** The signal of a writable stream's controller, which few sinks look at. */
export class LazyAbortSignal {
  get signal(): object {
    throw new TypeError('not available yet');
  }

  abort(reason: unknown): void {
    void reason;
  }
}
