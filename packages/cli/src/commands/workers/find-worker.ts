import type { Backend, WorkerResource } from '../../backend/backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError `worker_not_found` with the command that creates or lists workers */
export async function requireWorker(
  context: CliContext,
  backend: Backend,
  name: string,
): Promise<WorkerResource> {
  const worker = await backend.findWorker(name);
  if (worker === undefined) {
    throw workerNotFound(name, context.commandLine('workers list'));
  }
  return worker;
}

export function workerNotFound(name: string, next: string): CliError {
  return new CliError(`there is no worker "${name}"`, { code: 'worker_not_found', next });
}
