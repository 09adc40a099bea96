import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list your databases',
  async run(context) {
    const databases = await (await context.backend()).databases.list();
    if (databases.length === 0) {
      const next = context.commandLine('databases create NAME');
      context.print(databases, `No databases found. Create one: ${next}`);
      return;
    }
    const rows = databases.map(({ name, provider, maxRows, timeoutSeconds, desc }) => [
      name,
      provider,
      String(maxRows),
      `${timeoutSeconds} s`,
      desc ?? '',
    ]);
    const header = ['name', 'provider', 'rows', 'timeout', 'description'];
    context.print(databases, formatTable(header, rows));
  },
};
