import type { Command } from '../../command.ts';
import { formatFields, formatTable } from '../../format-table.ts';
import { requireEnvironment } from './find-environment.ts';

export const getCommand: Command = {
  name: 'get',
  summary: 'show one environment with its values; secrets are masked',
  arguments: [{ name: 'name', summary: 'name or id of the environment' }],
  async run(context, input) {
    const backend = await context.backend();
    const environment = await requireEnvironment(context, backend, input.argument('name'));
    const { name, desc, id, values, workers } = environment;
    const fields = formatFields(name, {
      description: desc,
      id,
      workers: workers.map((worker) => worker.name ?? worker.id).join(', '),
    });
    const rows = values.map(({ key, type, value, target, shape }) => [
      key,
      shape === 'cloudflare' ? `${type} (cloudflare)` : type,
      target?.name ?? value,
    ]);
    const table = values.length === 0 ? '' : `\n\n${formatTable(['key', 'type', 'value'], rows)}`;
    context.print(environment, `${fields}${table}`);
  },
};
