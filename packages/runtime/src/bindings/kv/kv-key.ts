import { utf8Length } from '../../encoding/utf8-encode.ts';
import { Error, TypeError } from '../../primordials.ts';
import { toUsvString } from '../../webidl/convert.ts';

const maxKeyBytes = 512;

/** @throws TypeError, Error what is wrong with the key */
export function toKey(given: unknown): string {
  const key = toUsvString(given);
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.' || key === '..') throw new TypeError(`"${key}" is not allowed as a key name.`);
  const length = utf8Length(key);
  if (length > maxKeyBytes) {
    throw new Error(
      `UTF-8 encoded length of ${length} exceeds key length limit of ${maxKeyBytes}.`,
    );
  }
  return key;
}
