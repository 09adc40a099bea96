import { CliError } from '../../cli-error.ts';
import type { Alias, UserConfig } from '../../config-file/parse-config.ts';

/** @throws CliError `alias_not_found` */
export function requireAlias(
  config: UserConfig,
  { name, program }: { name: string; program: string },
): Alias {
  const alias = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined;
  if (alias === undefined) {
    throw new CliError(`there is no alias "${name}"`, {
      code: 'alias_not_found',
      next: `${program} alias list`,
    });
  }
  return alias;
}
