import { usageError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { formatTable } from '../../format-table.ts';
import { requireNamespace } from './find-namespace.ts';

const maxKeys = 1000;

export const listKeysCommand: Command = {
  name: 'list-keys',
  summary: 'list the keys of a namespace',
  arguments: [{ name: 'name', summary: 'name or id of the namespace' }],
  options: [
    { flags: '-p, --prefix <text>', summary: 'only keys that begin so' },
    { flags: '--after <key>', summary: 'only keys behind this one' },
    { flags: '--limit <number>', summary: `at most so many: 1 to ${maxKeys} (default 100)` },
  ],
  async run(context, input) {
    const limit = Number(input.option('limit') ?? '100');
    if (!Number.isInteger(limit) || limit < 1 || limit > maxKeys) {
      throw usageError('--limit is not a number of keys', `use 1 to ${maxKeys}`);
    }
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, input.argument('name'));
    const query = { prefix: input.option('prefix') ?? '', after: input.option('after'), limit };
    const keys = await backend.kv.listKeys(namespace, query);
    const rows = keys.map(({ key, expiresAt }) => [key, expiresAt ?? '']);
    const text = keys.length === 0 ? 'No keys found.' : formatTable(['key', 'expires'], rows);
    context.print(keys, text);
  },
};
