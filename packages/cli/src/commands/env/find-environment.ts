import type { Backend } from '../../backend/backend.ts';
import type { EnvironmentResource } from '../../backend/environments-backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError `environment_not_found` with the command that lists environments */
export async function requireEnvironment(
  context: CliContext,
  backend: Backend,
  name: string,
): Promise<EnvironmentResource> {
  const environment = await backend.environments.find(name);
  if (environment !== undefined) return environment;
  throw new CliError(`there is no environment "${name}"`, {
    code: 'environment_not_found',
    next: context.commandLine(`env create ${name}`),
  });
}
