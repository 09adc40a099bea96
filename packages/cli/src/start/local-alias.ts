import { existsSync } from 'node:fs';
import { messageOf } from '@openworkers/core';
import { readConfigFile, writeConfigFile } from '../config-file/config-file.ts';
import type { Alias, DbAlias, UserConfig } from '../config-file/parse-config.ts';

export interface LocalAliasOptions {
  readonly configPath: string;
  readonly alias: DbAlias & { readonly data_dir: string };
  /** Told what the user should know. */
  readonly warn: (text: string) => void;
}

const name = 'local';

/**
 * Makes `ow` commands find this platform: writes the alias `local`, as the default if there is
 * none, and rewrites it when it belongs to this data folder (or to none any more) and is stale.
 * The file is the user's: what cannot be read or written is warned about and left alone.
 */
export async function writeLocalAlias(options: LocalAliasOptions): Promise<void> {
  const { configPath, alias, warn } = options;
  try {
    const config = await readConfigFile(configPath);
    const existing = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined;
    if (existing !== undefined && !isOurs(existing, alias.data_dir)) {
      warn(
        `the alias "${name}" in ${configPath} belongs to another platform and was kept; ` +
          `remove it (\`ow alias remove ${name}\`) and start again to use this one`,
      );
      return;
    }
    const updated = update(config, { existing, alias });
    if (JSON.stringify(updated) !== JSON.stringify(config)) {
      await writeConfigFile(configPath, updated);
    }
  } catch (error) {
    warn(`the alias "${name}" was not written: ${messageOf(error)}`);
  }
}

function isOurs(existing: Alias, dataDir: string): boolean {
  if (existing.type !== 'db' || existing.data_dir === undefined) return false;
  return existing.data_dir === dataDir || !existsSync(existing.data_dir);
}

function update(
  config: UserConfig,
  { existing, alias }: { existing: Alias | undefined; alias: DbAlias },
): UserConfig {
  // The user may have chosen to work as somebody else, or added fields.
  const user = existing?.type === 'db' ? existing.user : undefined;
  const merged = { ...existing, ...alias, ...(user !== undefined && { user }) };
  return {
    ...config,
    default: config.default ?? name,
    aliases: { ...config.aliases, [name]: merged },
  };
}
