import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list your workers, newest first',
  async run(context) {
    const workers = await (await context.backend()).listWorkers();
    if (workers.length === 0) {
      context.print(
        workers,
        `No workers found. Create one: ${context.commandLine('workers create NAME')}`,
      );
      return;
    }
    const rows = workers.map((worker) => [
      worker.name ?? worker.id,
      worker.currentVersion === null ? 'no deploy' : `v${worker.currentVersion}`,
      worker.desc ?? '',
    ]);
    context.print(workers, formatTable(['name', 'version', 'description'], rows));
  },
};
