import type { Command } from '../../command.ts';
import { requireDatabase } from './find-database.ts';

export const deleteCommand: Command = {
  name: 'delete',
  aliases: ['rm'],
  summary: 'delete a database of the platform with everything in it, or forget one of yours',
  arguments: [{ name: 'name', summary: 'name or id of the database' }],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  async run(context, input) {
    const name = input.argument('name');
    const backend = await context.backend();
    const database = await requireDatabase(context, backend, name);
    const question =
      database.provider === 'platform'
        ? `Delete ${name} with everything in it?`
        : `Forget ${name}? Nothing is deleted on your server.`;
    await context.confirmDeletion(input, { question, command: `databases delete ${name}` });
    await backend.databases.delete(database);
    context.print({ deleted: true }, `Deleted ${name}`);
  },
};
