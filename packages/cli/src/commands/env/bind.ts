import type { NewBinding } from '../../backend/environments-backend.ts';
import { usageError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';
import { requireEnvironment } from './find-environment.ts';

const types: readonly NewBinding['type'][] = ['assets', 'storage', 'kv', 'database', 'worker'];
const shapes: readonly NewBinding['shape'][] = ['openworkers', 'cloudflare'];

export const bindCommand: Command = {
  name: 'bind',
  summary: 'let a key of env stand for a namespace, storage, database or worker of yours',
  arguments: [
    { name: 'environment', summary: 'name or id of the environment' },
    { name: 'key', summary: 'its name in env: letters, digits and _' },
    { name: 'resource', summary: 'name or id of what is bound' },
  ],
  options: [
    { flags: '-t, --type <type>', summary: types.join(', ') },
    {
      flags: '--shape <shape>',
      summary: 'methods as OpenWorkers (default) or Cloudflare has them',
    },
  ],
  help: `Example:
  ow env bind production CACHE sessions --type kv --shape cloudflare`,
  async run(context, input) {
    const type = choose('type', types, input.option('type'));
    const shape = choose('shape', shapes, input.option('shape') ?? 'openworkers');
    const key = input.argument('key');
    const resource = input.argument('resource');
    const backend = await context.backend();
    const environment = await requireEnvironment(context, backend, input.argument('environment'));
    await backend.environments.bind(environment, { key, type, shape, resource });
    const bound = (await backend.environments.find(environment.id))?.values.find(
      (value) => value.key === key,
    );
    context.print(bound, `Bound ${key} to ${type} ${resource} in ${environment.name}`);
  },
};

function choose<Choice extends string>(
  name: string,
  choices: readonly Choice[],
  given: string | undefined,
): Choice {
  const chosen = choices.find((choice) => choice === given);
  if (chosen !== undefined) return chosen;
  const what = given === undefined ? `--${name} is missing` : `unknown ${name} "${given}"`;
  throw usageError(what, `use --${name} ${choices.join('|')}`);
}
