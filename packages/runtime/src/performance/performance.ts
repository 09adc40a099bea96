/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { bootTimeMs } from '../dispatch/host.ts';
import { EventTarget } from '../events/event-target.ts';
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { elapsedMs } from './clock.ts';

const internal = {};

/** https://w3c.github.io/hr-time/#sec-performance; the clock has whole milliseconds. */
export class Performance extends EventTarget {
  readonly #timeOrigin = bootTimeMs;

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    super();
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  get timeOrigin(): number {
    return this.#timeOrigin;
  }

  now(): number {
    void this.#timeOrigin;
    return elapsedMs();
  }

  toJSON(): object {
    return { timeOrigin: this.#timeOrigin };
  }

  static {
    defineInterface(this, 'Performance');
  }
}

export function createPerformance(): Performance {
  return new Performance(internal);
}
