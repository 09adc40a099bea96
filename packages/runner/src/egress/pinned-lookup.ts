import { isIP, type LookupFunction } from 'node:net';

/** Answers with the checked addresses, whatever the name. */
export function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all === true) return callback(null, answers);
    const [first] = answers;
    // There is at least one.
    callback(null, first?.address ?? '', first?.family);
  };
}
