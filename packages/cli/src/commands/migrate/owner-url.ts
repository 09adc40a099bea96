import { loadConfig, Secret } from '@openworkers/core';
import { readEmbeddedUrl } from '@openworkers/db';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';
import type { DbAlias } from '../../config-file/parse-config.ts';

/**
 * The login that owns the schema: of the alias that was typed, else `DATABASE_URL`, else of the
 * default alias, else of the embedded PostgreSQL in the data folder.
 */
export async function ownerUrl(context: CliContext): Promise<Secret> {
  const { databaseUrl, dataDir } = loadConfig(context.world.env);
  if (context.aliasName === undefined) {
    if (databaseUrl !== undefined) return databaseUrl;
    if ((await context.readConfig()).default === undefined) {
      const url = await readEmbeddedUrl(dataDir);
      if (url !== undefined) return url;
    }
  }
  const { name, alias } = await context.chooseAlias();
  if (alias.type === 'api') {
    throw new CliError(`alias "${name}" talks to an API; migrations need the database`, {
      next: 'set DATABASE_URL to the login that owns the schema',
    });
  }
  return aliasOwnerUrl(alias);
}

/** The alias of an embedded PostgreSQL has a login that may not change the schema. */
async function aliasOwnerUrl(alias: DbAlias): Promise<Secret> {
  const embedded = alias.data_dir === undefined ? undefined : await readEmbeddedUrl(alias.data_dir);
  return embedded ?? new Secret(alias.database_url);
}
