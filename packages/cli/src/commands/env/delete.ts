import type { Command } from '../../command.ts';
import { requireEnvironment } from './find-environment.ts';

export const deleteCommand: Command = {
  name: 'delete',
  aliases: ['rm'],
  summary: 'delete an environment with its values',
  arguments: [{ name: 'name', summary: 'name or id of the environment' }],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  async run(context, input) {
    const name = input.argument('name');
    const backend = await context.backend();
    const environment = await requireEnvironment(context, backend, name);
    await context.confirmDeletion(input, {
      question: `Delete ${name} with its values? Workers linked to it lose them at once.`,
      command: `env delete ${name}`,
    });
    await backend.environments.delete(environment);
    context.print({ deleted: 1 }, `Deleted ${name}`);
  },
};
