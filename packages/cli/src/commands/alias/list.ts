import type { Command } from '../../command.ts';
import { describeAlias, maskedAlias } from './masked-alias.ts';

export const listCommand: Command = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list aliases; * marks the default',
  async run(context) {
    const config = await context.readConfig();
    const entries = Object.entries(config.aliases);
    const width = Math.max(0, ...entries.map(([name]) => name.length));
    const lines = entries.map(([name, alias]) => {
      const mark = name === config.default ? '*' : ' ';
      return `${mark} ${name.padEnd(width)}  ${alias.type.padEnd(3)}  ${describeAlias(alias)}`;
    });
    context.print(
      entries.map(([name, alias]) => maskedAlias(name, alias, config.default)),
      lines.length > 0
        ? lines.join('\n')
        : `No aliases found. "npm start" writes one named "local"; or: ${context.program} alias set NAME --db URL`,
    );
  },
};
