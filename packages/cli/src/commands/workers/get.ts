import type { Command } from '../../command.ts';
import { formatFields } from '../../format-table.ts';
import { requireWorker } from './find-worker.ts';

export const getCommand: Command = {
  name: 'get',
  summary: 'show one worker',
  arguments: [{ name: 'name', summary: 'name or id of the worker' }],
  async run(context, input) {
    const backend = await context.backend();
    const worker = await requireWorker(context, backend, input.argument('name'));
    const url = backend.workerUrl(worker);
    context.print(
      { ...worker, url },
      formatFields(worker.name ?? worker.id, {
        url,
        version: worker.currentVersion === null ? 'no deploy' : `v${worker.currentVersion}`,
        description: worker.desc,
        environment: worker.environment?.name,
        id: worker.id,
        created: worker.createdAt,
        updated: worker.updatedAt,
      }),
    );
  },
};
