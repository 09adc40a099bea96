import type { Noun } from '../../command.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';

export const migrate: Noun = {
  name: 'migrate',
  aliases: ['migrations'],
  summary: "the platform's database schema; `ow start` migrates by itself",
  commands: [runCommand, statusCommand],
};
