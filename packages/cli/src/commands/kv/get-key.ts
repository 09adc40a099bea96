import { CliError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireNamespace } from './find-namespace.ts';

export const getKeyCommand: Command = {
  name: 'get-key',
  summary: 'print the value under a key',
  arguments: [
    { name: 'name', summary: 'name or id of the namespace' },
    { name: 'key', summary: 'the key' },
  ],
  async run(context, input) {
    const key = input.argument('key');
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, input.argument('name'));
    const value = await backend.kv.getKey(namespace, key);
    if (value === undefined) {
      throw new CliError(`${namespace.name} has no key "${key}"`, {
        code: 'not_found',
        next: context.commandLine(`kv list-keys ${namespace.name}`),
      });
    }
    const text = Buffer.from(value).toString('utf8');
    context.print({ key, value: text }, text);
  },
};
