import { CliError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireEnvironment } from './find-environment.ts';

export const unsetCommand: Command = {
  name: 'unset',
  summary: 'remove a variable, secret or binding',
  arguments: [
    { name: 'environment', summary: 'name or id of the environment' },
    { name: 'key', summary: 'its name in env' },
  ],
  async run(context, input) {
    const key = input.argument('key');
    const backend = await context.backend();
    const environment = await requireEnvironment(context, backend, input.argument('environment'));
    if (!(await backend.environments.unset(environment, key))) {
      throw new CliError(`${environment.name} has no key "${key}"`, {
        code: 'not_found',
        next: context.commandLine(`env get ${environment.name}`),
      });
    }
    context.print({ deleted: 1 }, `Removed ${key} from ${environment.name}`);
  },
};
