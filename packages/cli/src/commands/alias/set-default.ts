import type { Command } from '../../command.ts';
import { writeConfigFile } from '../../config-file/config-file.ts';
import { maskedAlias } from './masked-alias.ts';
import { requireAlias } from './require-alias.ts';

export const setDefaultCommand: Command = {
  name: 'set-default',
  summary: 'use this alias when the command line names none',
  arguments: [{ name: 'name', summary: 'the alias' }],
  async run(context, input) {
    const name = input.argument('name');
    const config = await context.readConfig();
    const alias = requireAlias(config, { name, program: context.program });
    config.default = name;
    await writeConfigFile(context.configPath, config);
    context.print(maskedAlias(name, alias, name), `Default is now ${name}`);
  },
};
