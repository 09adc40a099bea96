/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';

const internal = {};

/** https://html.spec.whatwg.org/#the-navigator-object, as far as WinterTC asks for it. */
export class Navigator {
  readonly #userAgent = 'OpenWorkers';

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  get userAgent(): string {
    return this.#userAgent;
  }

  static {
    defineInterface(this, 'Navigator');
  }
}

export function createNavigator(): Navigator {
  return new Navigator(internal);
}
