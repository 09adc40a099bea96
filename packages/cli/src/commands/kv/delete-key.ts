import { CliError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireNamespace } from './find-namespace.ts';

export const deleteKeyCommand: Command = {
  name: 'delete-key',
  summary: 'delete one key',
  arguments: [
    { name: 'name', summary: 'name or id of the namespace' },
    { name: 'key', summary: 'the key' },
  ],
  async run(context, input) {
    const key = input.argument('key');
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, input.argument('name'));
    if (!(await backend.kv.deleteKey(namespace, key))) {
      throw new CliError(`${namespace.name} has no key "${key}"`, { code: 'not_found' });
    }
    context.print({ deleted: true }, `Deleted ${key} from ${namespace.name}`);
  },
};
