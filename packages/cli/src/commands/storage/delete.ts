import type { Command } from '../../command.ts';
import { requireStorage } from './find-storage.ts';

export const deleteCommand: Command = {
  name: 'delete',
  aliases: ['rm'],
  summary: 'delete a storage; its objects can be reached no more',
  arguments: [{ name: 'name', summary: 'name or id of the storage' }],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  async run(context, input) {
    const name = input.argument('name');
    const backend = await context.backend();
    const storage = await requireStorage(context, backend, name);
    await context.confirmDeletion(input, {
      question: `Delete ${name}? Its objects can be reached no more.`,
      command: `storage delete ${name}`,
    });
    await backend.storage.delete(storage);
    context.print({ deleted: true }, `Deleted ${name}`);
  },
};
