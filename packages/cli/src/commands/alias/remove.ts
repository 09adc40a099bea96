import type { Command } from '../../command.ts';
import { writeConfigFile } from '../../config-file/config-file.ts';
import { requireAlias } from './require-alias.ts';

export const removeCommand: Command = {
  name: 'remove',
  aliases: ['rm'],
  summary: 'forget an alias; the platform itself stays as it is',
  arguments: [{ name: 'name', summary: 'the alias' }],
  async run(context, input) {
    const name = input.argument('name');
    const config = await context.readConfig();
    requireAlias(config, { name, program: context.program });
    delete config.aliases[name];
    if (config.default === name) delete config.default;
    await writeConfigFile(context.configPath, config);
    context.print({ deleted: 1 }, `Removed ${name}`);
  },
};
