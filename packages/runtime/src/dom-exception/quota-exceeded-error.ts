import { RangeError, TypeError } from '../primordials.ts';
import { toDictionary, toNumber } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { DOMException } from './dom-exception.ts';

interface QuotaOptions {
  readonly __proto__: null;
  readonly quota: number | undefined;
  readonly requested: number | undefined;
}

/** The options that make an equal QuotaExceededError; undefined for anything else. */
let quotaStateOf: (value: object) => QuotaOptions | undefined;

/** https://webidl.spec.whatwg.org/#quotaexceedederror */
export class QuotaExceededError extends DOMException {
  readonly #quota: number | null;
  readonly #requested: number | null;

  // oxlint-disable-next-line typescript/no-useless-default-assignment -- makes `length` 0
  constructor(message: unknown = '', options: unknown = undefined) {
    super(message, 'QuotaExceededError');
    const { quota, requested } = toDictionary<'quota' | 'requested'>(options, 'QuotaExceededError');
    this.#quota = toAmount(quota);
    this.#requested = toAmount(requested);
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError('The requested amount is less than the quota');
    }
  }

  get quota(): number | null {
    return this.#quota;
  }

  get requested(): number | null {
    return this.#requested;
  }

  static {
    quotaStateOf = (value) =>
      #quota in value ? toOptions(value.#quota, value.#requested) : undefined;
    defineInterface(this, 'QuotaExceededError');
  }
}

function toOptions(quota: number | null, requested: number | null): QuotaOptions {
  return { __proto__: null, quota: quota ?? undefined, requested: requested ?? undefined };
}

function toAmount(value: unknown): number | null {
  if (value === undefined) return null;
  const amount = toNumber(value);
  if (amount - amount !== 0) throw new TypeError('The amount is not a finite number');
  if (amount < 0) throw new RangeError('The amount is negative');
  return amount;
}

export { quotaStateOf };
