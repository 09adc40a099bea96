/** `~/.openworkers/config.json`. Fields this program does not know are kept as they are. */
export interface UserConfig {
  version: 1;
  /** Alias used when the command line names none. */
  default?: string;
  aliases: Record<string, Alias>;
}

export type Alias = ApiAlias | DbAlias;

/** Talks to a platform over its REST API. */
export interface ApiAlias {
  type: 'api';
  /** With the path, usually `/api/v1`. */
  url: string;
  token?: string;
  /** Accept any TLS certificate. */
  insecure?: boolean;
}

/** Talks straight to a platform's PostgreSQL. */
export interface DbAlias {
  type: 'db';
  database_url: string;
  /** Username whose workers the commands see. */
  user?: string;
  /** Written by `ow start`: URL and base domain of the platform, to print where workers answer. */
  public_url?: string;
  base_domain?: string;
  /** Written by `ow start`: the data folder whose alias this is. */
  data_dir?: string;
}

type Fields = Record<string, unknown>;

const optionalText: Record<Alias['type'], readonly string[]> = {
  api: ['token'],
  db: ['user', 'public_url', 'base_domain', 'data_dir'],
};

/**
 * Reads the format, checking every field this program uses.
 *
 * @throws Error that says what is wrong with the text
 */
export function parseConfig(text: string): UserConfig {
  const config = asFields(JSON.parse(text), 'the file');
  if (config['version'] !== 1) {
    throw new Error(`"version" is ${JSON.stringify(config['version'])}, not 1`);
  }
  if ('default' in config) assertText(config, 'default', '');
  const aliases = asFields(config['aliases'] ?? {}, '"aliases"');
  for (const [name, value] of Object.entries(aliases)) {
    const alias = asFields(value, `alias "${name}"`);
    checkAlias(alias, `alias "${name}": `);
    aliases[name] = alias;
  }
  // Every field of the type has been checked above.
  return { ...config, aliases } as UserConfig;
}

function checkAlias(alias: Fields, where: string): void {
  const { type } = alias;
  if (type !== 'api' && type !== 'db') {
    throw new Error(`${where}"type" is neither "api" nor "db"`);
  }
  assertText(alias, type === 'api' ? 'url' : 'database_url', where);
  for (const key of optionalText[type]) if (key in alias) assertText(alias, key, where);
  if ('insecure' in alias && typeof alias['insecure'] !== 'boolean') {
    throw new Error(`${where}"insecure" is neither true nor false`);
  }
}

function asFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  // Other programs write null for what is not set.
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function assertText(fields: Fields, key: string, where: string): void {
  if (typeof fields[key] !== 'string') throw new Error(`${where}"${key}" is not a text`);
}
