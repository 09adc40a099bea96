import type { Command } from '../../command.ts';
import { requireWorker, workerNotFound } from './find-worker.ts';

export const deleteCommand: Command = {
  name: 'delete',
  aliases: ['rm'],
  summary: 'delete a worker with all its versions',
  arguments: [{ name: 'name', summary: 'name or id of the worker' }],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  async run(context, input) {
    const name = input.argument('name');
    const backend = await context.backend();
    const worker = await requireWorker(context, backend, name);
    await context.confirmDeletion(input, {
      question: `Delete ${name} with all its versions? It stops answering at once.`,
      command: `workers delete ${name}`,
    });
    const isDeleted = await backend.deleteWorker(worker);
    if (!isDeleted) throw workerNotFound(name, context.commandLine('workers list'));
    context.print({ deleted: 1 }, `Deleted ${name}`);
  },
};
