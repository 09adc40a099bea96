import type { Command } from '../../command.ts';
import { formatFields } from '../../format-table.ts';
import { requireDatabase } from './find-database.ts';

export const getCommand: Command = {
  name: 'get',
  summary: 'show one database; never how to log in',
  arguments: [{ name: 'name', summary: 'name or id of the database' }],
  async run(context, input) {
    const backend = await context.backend();
    const database = await requireDatabase(context, backend, input.argument('name'));
    const { name, desc, id, provider, maxRows, timeoutSeconds, createdAt, updatedAt } = database;
    const limits = { 'rows at most': String(maxRows), timeout: `${timeoutSeconds} s` };
    const fields = { description: desc, id, provider, ...limits };
    const dates = { created: createdAt, updated: updatedAt };
    context.print(database, formatFields(name, { ...fields, ...dates }));
  },
};
