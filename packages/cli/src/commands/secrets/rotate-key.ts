import { loadConfig, Secret } from '@openworkers/core';
import {
  createDatabase,
  createMasterKey,
  findForeignKeyIds,
  loadMasterKeys,
  resealAll,
  Sealer,
  writeMasterKeys,
} from '@openworkers/db';
import type { CliContext } from '../../cli-context.ts';
import { CliError } from '../../cli-error.ts';
import type { Command } from '../../command.ts';

export const rotateKeyCommand: Command = {
  name: 'rotate-key',
  summary: 'encrypt all secrets with a new master key, while the platform runs',
  options: [{ flags: '--drop-old', summary: 'forget the old keys: backups from before need them' }],
  help: `The key is in the file master-keys of the data folder, the one that encrypts on its first line.
With OW_MASTER_KEY no key is made: put the new one first (NEW,OLD), restart the platform, run
this, and take the old one out.`,
  async run(context, input) {
    const { alias, name } = await context.chooseAlias();
    if (alias.type !== 'db') {
      throw new CliError(`alias "${name}" talks to an API; master keys never leave their machine`, {
        next: 'run it where the platform runs',
      });
    }
    const config = loadConfig(context.world.env);
    const place = { dataDir: alias.data_dir ?? config.dataDir, given: config.masterKey };
    if (place.given === undefined) {
      const old = await loadMasterKeys(place);
      // Written first: runners read the file again when they meet a key they do not know.
      await writeMasterKeys(place.dataDir, [createMasterKey(), ...old]);
    }
    const sealer = new Sealer({ load: () => loadMasterKeys(place) });
    const count = await resealDatabase(new Secret(alias.database_url), sealer);
    const dropped = input.has('dropOld') && place.given === undefined;
    if (dropped) await writeMasterKeys(place.dataDir, (await loadMasterKeys(place)).slice(0, 1));
    print(context, { count, keyId: (await sealer.keyIds())[0] ?? '', dropped });
  },
};

async function resealDatabase(databaseUrl: Secret, sealer: Sealer): Promise<number> {
  const database = createDatabase({
    connectionString: databaseUrl,
    applicationName: 'ow-cli',
    maxConnections: 1,
  });
  try {
    const count = await resealAll(database.queries, sealer);
    const current = (await sealer.keyIds()).slice(0, 1);
    const [left] = await findForeignKeyIds(database.queries, current);
    if (left === undefined) return count;
    throw new CliError('a secret was written with the old key meanwhile', {
      next: 'run the command again',
    });
  } finally {
    await database.close();
  }
}

function print(
  context: CliContext,
  { count, keyId, dropped }: { count: number; keyId: string; dropped: boolean },
): void {
  const secrets = count === 1 ? '1 secret' : `${count} secrets`;
  const old = dropped ? 'The old keys are gone.' : 'The old keys are kept, to read backups.';
  context.print({ resealed: count, keyId }, `Encrypted ${secrets} with the key ${keyId}. ${old}`);
}
