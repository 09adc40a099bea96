import type { Backend } from '../../backend/backend.ts';
import type { DatabaseResource } from '../../backend/databases-backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError `resource_not_found` with the command that creates databases */
export async function requireDatabase(
  context: CliContext,
  backend: Backend,
  name: string,
): Promise<DatabaseResource> {
  const database = await backend.databases.find(name);
  if (database !== undefined) return database;
  throw new CliError(`there is no database "${name}"`, {
    code: 'resource_not_found',
    next: context.commandLine(`databases create ${name}`),
  });
}
