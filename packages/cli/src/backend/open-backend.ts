import { assertNever } from '@openworkers/core';
import type { ChosenAlias, CliWorld } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { programName } from '../program-name.ts';
import type { Backend } from './backend.ts';
import { openDirectBackend } from './direct-backend.ts';

/** Connects to the platform an alias points at. */
export async function openBackend(chosen: ChosenAlias, world: CliWorld): Promise<Backend> {
  const { name, alias } = chosen;
  switch (alias.type) {
    case 'db':
      return openDirectBackend({ name, alias, env: world.env });
    case 'api':
      throw new CliError(
        `alias "${name}" talks to an API, which this version of ow cannot do yet`,
        {
          next: `${programName(world.env)} alias set NAME --db URL --user USERNAME`,
        },
      );
    default:
      return assertNever(alias);
  }
}
