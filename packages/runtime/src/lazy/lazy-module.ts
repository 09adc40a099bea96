import { Error } from '../primordials.ts';

/**
 * A part of the runtime that is evaluated when somebody first needs it: every isolate pays for what
 * is evaluated at boot, and most workers touch little of the platform.
 *
 * Its file is bundled like any other and calls {@link provide} at its end. Files of lazy parts are
 * evaluated after worker code has run: at their top level they may use what `primordials.ts`
 * exports, but no global.
 */
export class LazyModule<Exports> {
  readonly #evaluate: () => void;
  #loaded: Exports | undefined = undefined;

  /** @param evaluate Evaluates the file that provides the exports. */
  constructor(evaluate: () => void) {
    this.#evaluate = evaluate;
  }

  /** Undefined when nobody has needed it: nothing can be of its classes then. */
  get loaded(): Exports | undefined {
    return this.#loaded;
  }

  get value(): Exports {
    if (this.#loaded !== undefined) return this.#loaded;
    const evaluate = this.#evaluate;
    evaluate();
    return this.#provided();
  }

  provide(exports: Exports): void {
    this.#loaded = exports;
  }

  #provided(): Exports {
    if (this.#loaded === undefined) throw new Error('A part of the runtime did not load');
    return this.#loaded;
  }
}
