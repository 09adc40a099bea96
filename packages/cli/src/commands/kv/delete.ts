import type { Command } from '../../command.ts';
import { requireNamespace } from './find-namespace.ts';

export const deleteCommand: Command = {
  name: 'delete',
  aliases: ['rm'],
  summary: 'delete a namespace with all its entries',
  arguments: [{ name: 'name', summary: 'name or id of the namespace' }],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  async run(context, input) {
    const name = input.argument('name');
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, name);
    await context.confirmDeletion(input, {
      question: `Delete ${name} with all its entries?`,
      command: `kv delete ${name}`,
    });
    await backend.kv.delete(namespace);
    context.print({ deleted: true }, `Deleted ${name}`);
  },
};
