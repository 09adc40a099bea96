import type { Command } from '../../command.ts';

export const createCommand: Command = {
  name: 'create',
  summary: 'create an empty environment',
  arguments: [{ name: 'name', summary: 'at most 100 characters' }],
  options: [{ flags: '-d, --description <text>', summary: 'what it is for' }],
  async run(context, input) {
    const description = input.option('description');
    const backend = await context.backend();
    const environment = await backend.environments.create({
      name: input.argument('name'),
      ...(description !== undefined && { description }),
    });
    const next = context.commandLine(`env set ${environment.name} KEY VALUE`);
    context.print(environment, `Created ${environment.name}. Put something in: ${next}`);
  },
};
