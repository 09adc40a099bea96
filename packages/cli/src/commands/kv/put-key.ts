import { platformLimits } from '@openworkers/core';
import { usageError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireNamespace } from './find-namespace.ts';

export const putKeyCommand: Command = {
  name: 'put-key',
  summary: 'put a text, or the input as bytes, under a key',
  arguments: [
    { name: 'name', summary: 'name or id of the namespace' },
    { name: 'key', summary: 'at most 512 bytes' },
    { name: 'value', summary: 'read from the input when left out', isOptional: true },
  ],
  options: [{ flags: '--expires-in <seconds>', summary: 'forget it after so many seconds' }],
  async run(context, input) {
    const key = input.argument('key');
    const expiresIn = input.option('expiresIn');
    const expiresInSeconds = expiresIn === undefined ? undefined : Number(expiresIn);
    if (expiresInSeconds !== undefined && !(expiresInSeconds >= 1 && expiresInSeconds < 1e10)) {
      throw usageError('--expires-in is not a number of seconds', 'use 1 or more');
    }
    const backend = await context.backend();
    const namespace = await requireNamespace(context, backend, input.argument('name'));
    const value =
      input.optionalArgument('value') ??
      (await context.terminal.readInput(platformLimits.kvValueBytes.tenant));
    await backend.kv.putKey(namespace, { key, value, expiresInSeconds });
    context.print({ key }, `Put ${key} into ${namespace.name}`);
  },
};
