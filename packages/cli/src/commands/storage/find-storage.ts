import type { Backend } from '../../backend/backend.ts';
import type { StorageResource } from '../../backend/storage-backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError `resource_not_found` with the command that creates storages */
export async function requireStorage(
  context: CliContext,
  backend: Backend,
  name: string,
): Promise<StorageResource> {
  const storage = await backend.storage.find(name);
  if (storage !== undefined) return storage;
  throw new CliError(`there is no storage "${name}"`, {
    code: 'resource_not_found',
    next: context.commandLine(`storage create ${name}`),
  });
}
