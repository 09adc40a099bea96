import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list your storages',
  async run(context) {
    const storages = await (await context.backend()).storage.list();
    if (storages.length === 0) {
      const next = context.commandLine('storage create NAME');
      context.print(storages, `No storages found. Create one: ${next}`);
      return;
    }
    const rows = storages.map(({ name, provider, bucket = '', desc }) => [
      name,
      provider,
      bucket,
      desc ?? '',
    ]);
    context.print(storages, formatTable(['name', 'provider', 'bucket', 'description'], rows));
  },
};
