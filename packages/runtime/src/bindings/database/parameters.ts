import { listToArray, newList } from '../../primordials.ts';
import { toParameter } from './to-parameter.ts';

/** @throws TypeError */
export function toParameters(values: readonly unknown[]): (string | null)[] {
  const params = newList<string | null>();
  for (let i = 0; i < values.length; i += 1) params[i] = toParameter(values[i]);
  return listToArray(params);
}
