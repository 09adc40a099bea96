/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { defineInterface } from '../webidl/define-interface.ts';

const internal = {};

/**
 * https://html.spec.whatwg.org/#navigatorid: `userAgent`, which WinterTC asks for, and the attributes
 * that programs expect beside it, with the values that the standard prescribes.
 */
export class Navigator {
  readonly #userAgent = 'OpenWorkers';

  /** @param token Worker code cannot have it. */
  constructor(token: unknown = undefined) {
    if (token !== internal) throw new TypeError('Illegal constructor');
  }

  get userAgent(): string {
    return this.#userAgent;
  }

  get appCodeName(): string {
    void this.#userAgent;
    return 'Mozilla';
  }

  get appName(): string {
    void this.#userAgent;
    return 'Netscape';
  }

  get appVersion(): string {
    void this.#userAgent;
    return '5.0 (OpenWorkers)';
  }

  get platform(): string {
    void this.#userAgent;
    return '';
  }

  get product(): string {
    void this.#userAgent;
    return 'Gecko';
  }

  static {
    defineInterface(this, 'Navigator');
  }
}

export function createNavigator(): Navigator {
  return new Navigator(internal);
}
