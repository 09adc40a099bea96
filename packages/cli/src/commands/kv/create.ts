import type { Command } from '../../command.ts';

export const createCommand: Command = {
  name: 'create',
  summary: 'create an empty namespace',
  arguments: [{ name: 'name', summary: 'at most 100 characters' }],
  options: [{ flags: '-d, --description <text>', summary: 'what it is for' }],
  async run(context, input) {
    const description = input.option('description');
    const backend = await context.backend();
    const namespace = await backend.kv.create({
      name: input.argument('name'),
      ...(description !== undefined && { description }),
    });
    const next = context.commandLine(`env bind ENVIRONMENT KEY ${namespace.name} --type kv`);
    context.print(namespace, `Created ${namespace.name}. Bind it: ${next}`);
  },
};
