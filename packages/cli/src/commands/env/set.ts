import { platformLimits } from '@openworkers/core';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireEnvironment } from './find-environment.ts';

export const setCommand: Command = {
  name: 'set',
  summary: 'set a variable, or with --secret a secret; live within a second',
  arguments: [
    { name: 'environment', summary: 'name or id of the environment' },
    { name: 'key', summary: 'its name in env: letters, digits and _' },
    {
      name: 'value',
      summary: 'asked for, or read from the input, when left out',
      isOptional: true,
    },
  ],
  options: [{ flags: '-s, --secret', summary: 'encrypt it, and never show it again' }],
  help: `A secret on the command line is seen by everybody who can list processes. Leave it out and type
it, or pipe it in:

  ow env set production API_KEY --secret < api-key.txt`,
  async run(context, input) {
    const key = input.argument('key');
    const backend = await context.backend();
    const environment = await requireEnvironment(context, backend, input.argument('environment'));
    const value = input.optionalArgument('value') ?? (await readValue(context, key));
    const isSecret = input.has('secret');
    const { environments } = backend;
    if (isSecret) await environments.setSecret(environment, key, value);
    else await environments.setVariable(environment, key, value);
    const set = (await environments.find(environment.id))?.values.find((each) => each.key === key);
    context.print(set, `Set ${isSecret ? 'secret' : 'variable'} ${key} in ${environment.name}`);
  },
};

async function readValue({ terminal }: CliContext, key: string): Promise<string> {
  if (terminal.isInteractive) {
    const typed = await terminal.askHidden(`Value of ${key}`);
    if (typed !== undefined) return typed;
    throw new CliError('nothing was set', { code: 'declined' });
  }
  const bytes = await terminal.readInput(platformLimits.bindingValueBytes.tenant + 2);
  // Editors and `echo` end a file with a line feed that nobody means.
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
