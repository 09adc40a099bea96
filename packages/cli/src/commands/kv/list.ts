import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list your namespaces',
  async run(context) {
    const namespaces = await (await context.backend()).kv.list();
    if (namespaces.length === 0) {
      const next = context.commandLine('kv create NAME');
      context.print(namespaces, `No key-value namespaces found. Create one: ${next}`);
      return;
    }
    const rows = namespaces.map(({ name, id, desc }) => [name, id, desc ?? '']);
    context.print(namespaces, formatTable(['name', 'id', 'description'], rows));
  },
};
