import type { Alias } from '../../config-file/parse-config.ts';

const mask = '********';

/** An alias without its secrets, for `--json`. */
export function maskedAlias(
  name: string,
  alias: Alias,
  defaultName: string | undefined,
): Record<string, unknown> {
  const shared = { name, type: alias.type, isDefault: name === defaultName };
  if (alias.type === 'api') {
    return {
      ...shared,
      url: alias.url,
      token: alias.token === undefined ? null : mask,
      insecure: alias.insecure ?? false,
    };
  }
  return {
    ...shared,
    database_url: maskPassword(alias.database_url),
    user: alias.user ?? null,
  };
}

/** What an alias leads to, in one line. */
export function describeAlias(alias: Alias): string {
  if (alias.type === 'api') {
    const marks = [alias.token && '(auth)', alias.insecure && '(insecure)'].filter(Boolean);
    return [alias.url, ...marks].join(' ');
  }
  const marks = [alias.user && `@${alias.user}`, 'storage' in alias && '(storage)'].filter(Boolean);
  return [maskPassword(alias.database_url), ...marks].join(' ');
}

function maskPassword(text: string): string {
  // A URL of PostgreSQL may have no host (`postgres://user:pw@/db`), which URL does not parse.
  return text
    .replace(/^([a-z]+:\/\/[^:@/]*):[^@]*@/i, `$1:${mask}@`)
    .replace(/([?&]password=)[^&]*/gi, `$1${mask}`);
}
