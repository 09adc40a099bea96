import type { NewStorage } from '../../backend/storage-backend.ts';
import type { CliContext } from '../../cli-context.ts';
import { CliError, usageError } from '../../cli-error.ts';
import type { Command, CommandInput } from '../../command.ts';

const maxKeyBytes = 1024;

export const createCommand: Command = {
  name: 'create',
  summary: 'create a storage: the platform’s own, or a bucket of yours',
  arguments: [{ name: 'name', summary: 'at most 100 characters' }],
  options: [
    { flags: '-d, --description <text>', summary: 'what it is for' },
    { flags: '--provider <provider>', summary: 'platform (default) or s3' },
    { flags: '--bucket <name>', summary: 's3: the bucket' },
    { flags: '--endpoint <url>', summary: 's3: URL of the store' },
    { flags: '--access-key-id <id>', summary: 's3: the public half of the key' },
    {
      flags: '--secret-access-key <key>',
      summary: 's3: the secret half; asked for, or read from the input, when left out',
    },
    { flags: '--region <name>', summary: 's3: the region, if the store has any' },
    { flags: '--prefix <text>', summary: 's3: only this part of the bucket' },
    { flags: '--public-url <url>', summary: 's3: where the bucket is public' },
  ],
  async run(context, input) {
    const description = input.option('description');
    const s3 = await readS3(context, input);
    const backend = await context.backend();
    const storage = await backend.storage.create({
      name: input.argument('name'),
      ...(description !== undefined && { description }),
      ...(s3 !== undefined && { s3 }),
    });
    const next = context.commandLine(`env bind ENVIRONMENT KEY ${storage.name} --type storage`);
    context.print(storage, `Created ${storage.name}. Bind it: ${next}`);
  },
};

async function readS3(context: CliContext, input: CommandInput): Promise<NewStorage['s3']> {
  const provider = input.option('provider') ?? 'platform';
  if (provider === 'platform') return undefined;
  if (provider !== 's3') throw usageError(`unknown provider "${provider}"`, 'use platform or s3');
  const region = input.option('region');
  const prefix = input.option('prefix');
  const publicUrl = input.option('publicUrl');
  return {
    bucket: required(input, 'bucket'),
    endpoint: required(input, 'endpoint'),
    accessKeyId: required(input, 'accessKeyId', 'access-key-id'),
    secretAccessKey: input.option('secretAccessKey') ?? (await readSecretKey(context)),
    ...(region !== undefined && { region }),
    ...(prefix !== undefined && { prefix }),
    ...(publicUrl !== undefined && { publicUrl }),
  };
}

function required(input: CommandInput, name: string, flag = name): string {
  const value = input.option(name);
  if (value !== undefined) return value;
  throw usageError(`--${flag} is missing`, 's3 needs a bucket, an endpoint and a key');
}

async function readSecretKey({ terminal }: CliContext): Promise<string> {
  if (!terminal.isInteractive) {
    return Buffer.from(await terminal.readInput(maxKeyBytes))
      .toString('utf8')
      .trim();
  }
  const typed = await terminal.askHidden('Secret access key');
  if (typed !== undefined) return typed;
  throw new CliError('nothing was created', { code: 'declined' });
}
