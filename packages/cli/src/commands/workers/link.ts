import type { Command } from '../../command.ts';
import { requireEnvironment } from '../env/find-environment.ts';
import { requireWorker } from './find-worker.ts';

export const linkCommand: Command = {
  name: 'link',
  summary: 'give a worker the values and bindings of an environment',
  arguments: [
    { name: 'name', summary: 'name or id of the worker' },
    {
      name: 'environment',
      summary: 'name or id of the environment; none unlinks',
      isOptional: true,
    },
  ],
  async run(context, input) {
    const name = input.argument('name');
    const environmentName = input.optionalArgument('environment');
    const backend = await context.backend();
    const worker = await requireWorker(context, backend, name);
    const environment =
      environmentName === undefined
        ? undefined
        : await requireEnvironment(context, backend, environmentName);
    await backend.linkWorker(worker, environment);
    const linked = await requireWorker(context, backend, worker.id);
    const text =
      environment === undefined
        ? `Unlinked ${name}: its env is empty`
        : `Linked ${name} to ${environment.name}`;
    context.print(linked, text);
  },
};
