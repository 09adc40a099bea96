import { MathMin, MathTrunc, ReflectGet, TypeError } from '../../primordials.ts';
import { toDictionary, toNumber, toUsvString } from '../../webidl/convert.ts';
import { callBinding } from '../binding-call.ts';
import { andThen } from '../promises.ts';

const maxKeys = 1000;

interface ListedKey {
  readonly name: string;
  /** Seconds since 1970, or null. */
  readonly expiration: number | null;
  /** JSON, or null. */
  readonly metadata: string | null;
}

export interface KeyList {
  readonly keys: readonly ListedKey[];
  /** For the next list; null when there are no more keys. */
  readonly cursor: string | null;
}

/** Keys in the order of their UTF-8, at most 1 000. */
export function listKeys(binding: string, options: unknown): Promise<KeyList> {
  const given = toDictionary<'prefix' | 'limit' | 'cursor'>(options, 'KV list()');
  const question = {
    __proto__: null,
    binding,
    op: 'list',
    prefix: toText(ReflectGet(given, 'prefix')) ?? '',
    cursor: toText(ReflectGet(given, 'cursor')),
    limit: toLimit(ReflectGet(given, 'limit')),
  };
  return andThen(
    callBinding({ kind: 'kv', question }),
    // The trusted side writes it.
    ({ head }) => head as KeyList,
  );
}

function toText(given: unknown): string | null {
  return given === undefined || given === null ? null : toUsvString(given);
}

function toLimit(given: unknown): number {
  if (given === undefined || given === null) return maxKeys;
  const limit = MathTrunc(toNumber(given));
  if (!(limit >= 1)) throw new TypeError(`Invalid key_count_limit of ${given as string}.`);
  return MathMin(limit, maxKeys);
}
