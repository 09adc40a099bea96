import type { CliContext } from '../../cli-context.ts';
import { CliError, usageError } from '../../cli-error.ts';
import type { Command, CommandInput } from '../../command.ts';

const maxStringBytes = 4096;

export const createCommand: Command = {
  name: 'create',
  summary: 'create a database on the platform’s server, or name one of yours',
  arguments: [{ name: 'name', summary: 'at most 100 characters' }],
  options: [
    { flags: '-d, --description <text>', summary: 'what it is for' },
    { flags: '--provider <provider>', summary: 'platform (default) or postgres' },
    {
      flags: '--connection-string <url>',
      summary: 'postgres: its URL; asked for, or read from the input, when left out',
    },
    { flags: '--max-rows <number>', summary: 'rows of one answer, 1 to 10000 (1000)' },
    { flags: '--timeout <seconds>', summary: 'time of one query, 1 to 300 (30)' },
  ],
  async run(context, input) {
    const description = input.option('description');
    const connectionString = await readConnectionString(context, input);
    const maxRows = number(input, 'maxRows', '--max-rows');
    const timeoutSeconds = number(input, 'timeout', '--timeout');
    const backend = await context.backend();
    const database = await backend.databases.create({
      name: input.argument('name'),
      ...(description !== undefined && { description }),
      ...(connectionString !== undefined && { connectionString }),
      ...(maxRows !== undefined && { maxRows }),
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    });
    const next = context.commandLine(`env bind ENVIRONMENT KEY ${database.name} --type database`);
    context.print(database, `Created ${database.name}. Bind it: ${next}`);
  },
};

async function readConnectionString(
  { terminal }: CliContext,
  input: CommandInput,
): Promise<string | undefined> {
  const provider = input.option('provider') ?? 'platform';
  if (provider === 'platform') return undefined;
  if (provider !== 'postgres') {
    throw usageError(`unknown provider "${provider}"`, 'use platform or postgres');
  }
  const given = input.option('connectionString');
  if (given !== undefined) return given;
  if (!terminal.isInteractive) {
    return Buffer.from(await terminal.readInput(maxStringBytes))
      .toString('utf8')
      .trim();
  }
  const typed = await terminal.askHidden('Connection string');
  if (typed !== undefined) return typed;
  throw new CliError('nothing was created', { code: 'declined' });
}

function number(input: CommandInput, name: string, flag: string): number | undefined {
  const given = input.option(name);
  if (given === undefined) return undefined;
  if (/^\d{1,6}$/.test(given)) return Number(given);
  throw usageError(`${flag} is not a whole number`, `${flag} NUMBER`);
}
