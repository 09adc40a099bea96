import { CliError, usageError } from '../../cli-error.ts';
import type { Command, CommandInput } from '../../command.ts';
import { writeConfigFile } from '../../config-file/config-file.ts';
import type { Alias, ApiAlias, DbAlias } from '../../config-file/parse-config.ts';
import { maskedAlias } from './masked-alias.ts';

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const setCommand: Command = {
  name: 'set',
  summary: 'add an alias, or replace one with --force',
  arguments: [{ name: 'name', summary: 'what to call the platform' }],
  options: [
    {
      flags: '--api <url>',
      summary: 'REST API of the platform, such as https://ow.example/api/v1',
    },
    { flags: '--token <token>', summary: 'API token (with --api)' },
    { flags: '--insecure', summary: 'accept any TLS certificate (with --api)' },
    { flags: '--db <url>', summary: 'PostgreSQL of the platform' },
    { flags: '--user <username>', summary: 'whose workers to work with (with --db)' },
    { flags: '-f, --force', summary: 'replace an alias of that name' },
  ],
  help: `The first alias becomes the default. Use any other as the first word: ow NAME workers list`,
  async run(context, input) {
    const name = input.argument('name');
    if (!namePattern.test(name)) {
      throw usageError(`"${name}" cannot be an alias: use letters, digits, dots and hyphens`);
    }
    if (context.commandWords.has(name)) {
      throw usageError(`"${name}" is a command, so it cannot be an alias`);
    }
    const config = await context.readConfig();
    const previous = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined;
    if (previous !== undefined && !input.has('force')) {
      throw new CliError(`Alias ${name} already exists. Use --force to overwrite`, {
        code: 'name_taken',
      });
    }
    const alias = readAlias(input, previous);
    config.aliases[name] = alias;
    config.default ??= name;
    await writeConfigFile(context.configPath, config);
    const isDefault = config.default === name;
    context.print(
      maskedAlias(name, alias, config.default),
      `Set ${name}${isDefault ? ' (default)' : ''}`,
    );
  },
};

function readAlias(input: CommandInput, previous: Alias | undefined): Alias {
  const api = input.option('api');
  const db = input.option('db');
  if (api !== undefined && db === undefined) {
    if (input.option('user') !== undefined) throw usageError('--user belongs to --db');
    return readApiAlias(api, input);
  }
  if (db !== undefined && api === undefined) {
    if (input.option('token') !== undefined || input.has('insecure')) {
      throw usageError('--token and --insecure belong to --api');
    }
    return readDbAlias(db, input, previous);
  }
  throw usageError('an alias needs --api URL or --db URL, and not both');
}

function readApiAlias(text: string, input: CommandInput): ApiAlias {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(`"${text}" is not an http or https URL`);
  }
  const url = new URL(text);
  // Nobody serves the API at the root, so a bare address can only mean its usual path.
  if (url.pathname === '/') url.pathname = '/api/v1';
  const token = input.option('token');
  return {
    type: 'api',
    url: url.href.replace(/\/$/, ''),
    ...(token !== undefined && { token }),
    ...(input.has('insecure') && { insecure: true }),
  };
}

function readDbAlias(url: string, input: CommandInput, previous: Alias | undefined): DbAlias {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw usageError('--db takes a URL such as postgres://user:password@host:5432/database');
  }
  const user = input.option('user');
  // What other commands wrote about the platform (its storage, say) is not this one's to drop.
  const { user: _user, ...kept } = previous?.type === 'db' ? previous : {};
  return { ...kept, type: 'db', database_url: url, ...(user !== undefined && { user }) };
}
