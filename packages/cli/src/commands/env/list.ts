import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list your environments',
  async run(context) {
    const environments = await (await context.backend()).environments.list();
    if (environments.length === 0) {
      const next = context.commandLine('env create NAME');
      context.print(environments, `No environments found. Create one: ${next}`);
      return;
    }
    const rows = environments.map(({ name, values, workers, desc }) => {
      const count = (type: string): number => values.filter((value) => value.type === type).length;
      const bindings = values.length - count('var') - count('secret');
      const counts = [count('var'), count('secret'), bindings, workers.length].map(String);
      return [name, ...counts, desc ?? ''];
    });
    const header = ['name', 'vars', 'secrets', 'bindings', 'workers', 'description'];
    context.print(environments, formatTable(header, rows));
  },
};
