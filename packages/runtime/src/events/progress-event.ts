/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { TypeError } from '../primordials.ts';
import { requireArguments, toDictionary, toNumber } from '../webidl/convert.ts';
import { defineInterface } from '../webidl/define-interface.ts';
import { Event } from './event.ts';

/** https://xhr.spec.whatwg.org/#interface-progressevent */
export class ProgressEvent extends Event {
  readonly #isLengthComputable: boolean;
  readonly #loaded: number;
  readonly #total: number;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ProgressEvent constructor');
    super(type, init);
    const { lengthComputable, loaded, total } = toDictionary<
      'lengthComputable' | 'loaded' | 'total'
    >(init, 'ProgressEvent constructor');
    this.#isLengthComputable = !!lengthComputable;
    this.#loaded = toDouble(loaded);
    this.#total = toDouble(total);
  }

  get lengthComputable(): boolean {
    return this.#isLengthComputable;
  }

  get loaded(): number {
    return this.#loaded;
  }

  get total(): number {
    return this.#total;
  }

  static {
    defineInterface(this, 'ProgressEvent');
  }
}

/** WebIDL's `double`, which is finite. */
function toDouble(value: unknown): number {
  if (value === undefined) return 0;
  const number = toNumber(value);
  if (number - number !== 0) throw new TypeError('ProgressEvent constructor: not a finite number');
  return number;
}
