import type { Command } from '../../command.ts';
import { formatFields } from '../../format-table.ts';
import { requireNamespace } from './find-namespace.ts';

export const getCommand: Command = {
  name: 'get',
  summary: 'show one namespace',
  arguments: [{ name: 'name', summary: 'name or id of the namespace' }],
  async run(context, input) {
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, input.argument('name'));
    const { name, desc, id, createdAt, updatedAt } = namespace;
    const fields = { description: desc, id, created: createdAt, updated: updatedAt };
    context.print(namespace, formatFields(name, fields));
  },
};
