/** What Node.js has and a worker does not: it can be imported and passed around, and says so when used. */
export function missing(name: string): never {
  const fail = function (): never {
    const error = new Error(`${name} of Node.js is not available in workers`);
    throw Object.assign(error, { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
  };
  Object.defineProperty(fail, 'name', { value: name });
  // Takes the place of whatever the importer believes it is.
  return fail as never;
}

/** The module, with stand-ins for what it does not have. */
export function completed(module: object, standIns: Readonly<Record<string, unknown>>): object {
  for (const [name, value] of Object.entries(standIns)) {
    if (!(name in module)) Object.assign(module, { [name]: value });
  }
  return module;
}
